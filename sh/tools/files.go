package tools

import (
	"bootrc/kit/command"
)

func fileCommands() []command.Command {
	return []command.Command{
		define("ls", "[-1AaCdFhilrRSt] [FILE…]", "list files and folders", ls),
		define("cp", "[-adfLnpRrTv] FILE… TARGET", "copy files; -r and -a: whole folders", cp),
		define("mv", "[-fnTv] FILE… TARGET", "move or rename files, across filesystems too", mv),
		define("rm", "[-fRrv] FILE…", "remove files; -r: whole folders", rm),
		define("mkdir", "[-pv] [-m MODE] FOLDER…", "make folders", mkdir),
		define("rmdir", "FOLDER…", "remove empty folders", rmdir),
		define("mktemp", "[-du] [-p FOLDER] [TEMPLATE]", "make a temporary file or folder and print its name", mktemp),
		define("touch", "[-acm] [-d DATE] [-r FILE] FILE…", "set the times of files, making those that are missing", touch),
		define("ln", "[-fnsTv] TARGET… LINK", "make hard or symbolic links", ln),
		define("chmod", "[-R] MODE FILE…", "change permissions: MODE is octal or like u+x,go-w", chmod),
		define("chown", "[-Rh] [USER][:GROUP] FILE…", "change owner and group", chown),
		define("stat", "[-L] [-c FORMAT] FILE…", "print what is known of files; FORMAT: %n %s %a %A %Y %X %Z %F %u %g %U %G %i %h %b %B %%", stat),
		define("find", "[PATH…] [TEST…]", "walk folders; -name -iname -path -type -size -empty -maxdepth -mindepth -xdev ! -o -print -print0 -delete -exec", find),
		define("du", "[-ahksx] [FILE…]", "print the space that folders take, in KiB", du),
	}
}
