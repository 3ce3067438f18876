package tools

import (
	"bootrc/kit/command"
)

func fileCommands() []command.Command {
	return []command.Command{
		lsCommand(), cpCommand(), mvCommand(), rmCommand(), mkdirCommand(), rmdirCommand(), mktempCommand(), touchCommand(),
		lnCommand(), chmodCommand(), chownCommand(), statCommand(), findCommand(), duCommand(),
	}
}
