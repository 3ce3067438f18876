package cmdline

// Kind is how the values of an argument become a shell variable.
type Kind int

const (
	// Text is a single value; the last one given wins. Without a value it is "1".
	Text Kind = iota
	// Flag is "1" where it is given (also as =1, =yes, =true, =on) and empty
	// where it is not (or as =0, =no, =false, =off).
	Flag
	// List may be repeated: its variable holds every value, in order, as
	// shell-quoted words for `eval "set -- $variable"`.
	List
	// Word is one of other systems' words for the network. It may be repeated, and the variable
	// network holds all of them as they stand on the line, as shell-quoted words.
	Word
)

// Argument is one row of the table: all there is to know about an argument of
// the kernel's command line.
type Argument struct {
	Name    string   // as written on the command line: "b2c.run"
	Old     []string // names that mean the same, kept for boot2container's users
	Kind    Kind
	Default string
	Values  string // what a value looks like, for help: "CONTAINER", "NAME,URL"
	Help    string // one line, lower case, without a full stop
}

// Variable is the name of the argument's shell variable: "b2c_run". Those of kind Word share one.
func (a *Argument) Variable() string {
	if a.Kind == Word {
		return "network"
	}
	name := []byte(a.Name)
	for i, c := range name {
		if c == '.' || c == '-' {
			name[i] = '_'
		}
	}
	return string(name)
}

//go:generate go run ./reference ../../docs/kernel-arguments.md

// Table is every argument that the boot understands, in the order in which help
// shows them. A name outside it reaches no variable.
var Table = []Argument{
	{Name: "b2c.run", Old: []string{"b2c.container"}, Kind: List,
		Values: "[OPTIONS] IMAGE [COMMAND…]",
		Help:   "run a container in the pipeline; repeatable, in order"},
	{Name: "b2c.run_service", Old: []string{"b2c.service"}, Kind: List,
		Values: "[OPTIONS] IMAGE [COMMAND…]",
		Help:   "run a container beside the pipeline, from before its start to after its end; repeatable"},
	{Name: "b2c.run_post", Old: []string{"b2c.post_container"}, Kind: List,
		Values: "[OPTIONS] IMAGE [COMMAND…]",
		Help:   "run a container after the pipeline, whatever its status; repeatable, in order"},
	{Name: "b2c.pipefail", Kind: Flag,
		Help: "stop the pipeline at the first container that fails"},
	{Name: "b2c.pull", Kind: Text, Default: "always",
		Values: "always|newer|missing|never",
		Help:   "when the pipeline's images are pulled"},
	{Name: "b2c.offline", Kind: Text,
		Values: "allow|deny",
		Help:   "with an unreachable registry, go on with the image in the cache"},
	{Name: "b2c.load", Kind: List,
		Values: "docker-archive:URL|oci-archive:URL|oci:URL[:NAME]",
		Help:   "get an image from an archive, under its name there; for b2c.pull=missing; repeatable"},
	{Name: "b2c.login", Kind: List,
		Values: "REGISTRY,USER,SECRET",
		Help:   "log in to a registry, or to a part of one; repeatable"},
	{Name: "b2c.mirror", Kind: List,
		Values: "PREFIX,URL[,insecure]",
		Help:   "ask this registry first for images whose names begin with PREFIX; repeatable, in order"},
	{Name: "b2c.verify", Kind: List,
		Values: "PREFIX,key=FILE|URL|base64:DATA[,pinned][,named][,forward]|PREFIX,unsigned",
		Help:   "run only images that a rule allows, by cosign's signatures; repeatable (docs/security.md)"},
	{Name: "b2c.ca", Kind: List,
		Values: "URL|base64:DATA|/PATH[,sha256=HEX]",
		Help:   "trust this certificate authority, too; repeatable"},
	{Name: "b2c.cache_device", Kind: Text, Default: "none",
		Values: "none|auto|reset|auto,wipe|stick|/dev/NAME|FILESYSTEM",
		Help:   "the disk that keeps images and volumes"},
	{Name: "b2c.stick", Kind: Text,
		Values: "UUID=SERIAL|LABEL=NAME",
		Help:   "the filesystem that the machine was started from, with arguments.txt and hooks on it; a stick's boot loader says it"},
	{Name: "b2c.cache_keep", Kind: Text,
		Values: "SIZE|PERCENT%",
		Help:   "keep so much of the cache free: the images used longest ago go first"},
	{Name: "b2c.swap", Kind: Text,
		Values: "SIZE|/dev/NAME[,swappiness=N]",
		Help:   "swap, to a file in the cache or to a device"},
	{Name: "b2c.zram", Kind: Text,
		Values: "SIZE|PERCENT%",
		Help:   "swap to compressed memory"},
	{Name: "b2c.filesystem", Kind: List,
		Values: "NAME,src=SOURCE[,type=TYPE][,opts=A|B|C]",
		Help:   "a filesystem for volumes or the cache; repeatable"},
	{Name: "b2c.storage", Kind: Text,
		Values: "additionalimagestores=FILESYSTEM",
		Help:   "a filesystem with images that need not be pulled"},
	{Name: "b2c.volume", Kind: List,
		Values: "NAME[,KEY[=VALUE]]…",
		Help:   "a volume for containers; repeatable"},
	{Name: "b2c.minio", Kind: List,
		Values: "ALIAS,URL,ACCESS_KEY,SECRET_KEY",
		Help:   "a name for an S3-compatible store; repeatable"},
	{Name: "b2c.modules", Old: []string{"b2c.insmods"}, Kind: Text,
		Values: "NAME[,NAME…]",
		Help:   "load these kernel modules, in order, before any other"},
	{Name: "b2c.nbd", Kind: List,
		Values: "DEVICE,host=HOST[,port=PORT][,connections=N][,name=EXPORT][,timeout=SECONDS]",
		Help:   "attach a network block device; repeatable"},
	{Name: "b2c.iface", Kind: List,
		Values: "NAME[,KEY[=VALUE]]…",
		Help:   "configure a network interface; repeatable"},
	{Name: "b2c.dhcp", Kind: List,
		Values: "KEY=VALUE[,KEY=VALUE…]",
		Help:   "tell DHCP servers more: vendor-class, user-class, client-id, hostname, address, request, option (docs/dhcp.md); repeatable"},
	{Name: "ip", Kind: Word,
		Values: "[CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:][INTERFACE:]AUTOCONF[:…]",
		Help:   "the kernel's and dracut's network parameter; without b2c.iface and ip: DHCP; repeatable"},
	{Name: "bond", Kind: Word,
		Values: "NAME[:PORT,PORT…[:OPTION=VALUE,…[:MTU]]]",
		Help:   "make a bond, in dracut's words; repeatable"},
	{Name: "bridge", Kind: Word,
		Values: "NAME:PORT,PORT…",
		Help:   "make a bridge, in dracut's words; repeatable"},
	{Name: "vlan", Kind: Word,
		Values: "NAME:INTERFACE",
		Help:   "make the VLAN whose number ends NAME, in dracut's words; repeatable"},
	{Name: "team", Kind: Word,
		Values: "NAME:PORT,PORT…",
		Help:   "refused: write bond="},
	{Name: "ifname", Kind: Word,
		Values: "NAME:MAC",
		Help:   "give the card with that address a name, in dracut's words; repeatable"},
	{Name: "nameserver", Kind: Word,
		Values: "IP",
		Help:   "a DNS server, before others; repeatable"},
	{Name: "rd.route", Kind: Word,
		Values: "SUBNET:GATEWAY[:INTERFACE]",
		Help:   "a route, in dracut's words; repeatable"},
	{Name: "rd.neednet", Kind: Word,
		Values: "1",
		Help:   "understood, and without effect: the network is always brought up"},
	{Name: "BOOTIF", Kind: Text,
		Values: "01-MAC",
		Help:   "the card that the boot loader came by, which is preferred"},
	{Name: "b2c.network_timeout", Kind: Text, Default: "60",
		Values: "SECONDS",
		Help:   "how long the network may take: a card, its link, an answer"},
	{Name: "b2c.proxy", Kind: Text,
		Values: "[http=URL][,https=URL][,no_proxy=HOST[|HOST…]]",
		Help:   "go through a proxy: pulls, S3, extra arguments, and containers"},
	{Name: "b2c.ntp_peer", Kind: Text, Default: "none",
		Values: "none|auto|HOST[,HOST…]",
		Help:   "set the clock from the network; auto: by the servers that DHCP names, or else pool.ntp.org"},
	{Name: "b2c.trust_clock", Kind: Flag,
		Help: "let volumes expire though the clock is more than a year ahead of when they were used last"},
	{Name: "b2c.extra_args_url", Kind: Text,
		Values: "URL",
		Help:   "fetch more arguments: https, http or s3://ALIAS/…; ${mac} and its like are filled in"},
	{Name: "b2c.trust", Kind: List,
		Values: "KEY|/PATH",
		Help:   "take fetched hooks, and arguments from elsewhere than this line, only with a signature by this SSH key; repeatable (docs/security.md)"},
	{Name: "b2c.expires", Kind: List,
		Values: "TIME",
		Help:   "in extra arguments and hooks: they count until then"},
	{Name: "b2c.machine", Kind: List,
		Values: "MAC|SERIAL|UUID|HOSTNAME[,…]",
		Help:   "in extra arguments and hooks: they count on this machine alone"},
	{Name: "b2c.extra_args", Kind: Text,
		Values: "base64:DATA",
		Help:   "more arguments, plain or compressed by zstd"},
	{Name: "b2c.hostname", Kind: Text, Default: "boot2container",
		Values: "NAME",
		Help:   "the machine's host name; empty: the one that DHCP gave"},
	{Name: "b2c.keymap", Kind: Text,
		Values: "NAME",
		Help:   "the console's keymap"},
	{Name: "b2c.log", Kind: Text, Default: "gitlab",
		Values: "gitlab|plain|json",
		Help:   "how the console shows the phases: as GitLab's sections, as lines, as one JSON object a line"},
	{Name: "b2c.status_nonce", Kind: Text,
		Values: "TEXT",
		Help:   "put TEXT into the brackets of the lines that CI systems match: no container can imitate them"},
	{Name: "b2c.skip", Kind: Text,
		Values: "PHASE[,PHASE…]",
		Help:   "leave out these phases"},
	{Name: "b2c.break", Kind: Text,
		Values: "PHASE[,PHASE…]",
		Help:   "open a shell before these phases; its exit goes on"},
	{Name: "b2c.trace", Kind: Text,
		Values: "[PHASE[,PHASE…]]",
		Help:   "print each command before it runs, in all phases or in these"},
	{Name: "b2c.hook", Kind: List,
		Values: "NN-NAME.sh,URL[,sha256=HEX][,key=KEY]",
		Help:   "fetch a hook for a phase after the network; repeatable"},
	{Name: "b2c.shell", Kind: Flag,
		Help: "open a shell on the console instead of running the pipeline"},
	{Name: "b2c.on_fail", Kind: Text,
		Values: "shell[,SECONDS]",
		Help:   "on a phase that fails, open a shell if somebody presses a key within 30 s, or SECONDS; 0: without a key"},
	{Name: "b2c.on_crash", Kind: Text, Default: "poweroff",
		Values: "shell|reboot|poweroff",
		Help:   "what to do when the boot itself dies"},
	{Name: "b2c.watchdog", Kind: Text,
		Values: "SECONDS|firmware[,keep]",
		Help:   "have a hardware watchdog reset the machine when the boot is stuck for so long; keep: also while the machine powers off"},
	{Name: "b2c.deadline", Kind: Text,
		Values: "TIME|PHASE:TIME[,…]",
		Help:   "end the boot, or a phase, after that time with status 124; the final phases still run"},
	{Name: "b2c.poweroff_delay", Kind: Text, Default: "0",
		Values: "SECONDS",
		Help:   "wait before powering off"},
	{Name: "b2c.shutdown_cmd", Kind: Text, Default: "poweroff -f",
		Values: "COMMAND",
		Help:   "what the shell runs to power off"},
	{Name: "b2c.reboot_cmd", Kind: Text, Default: "reboot -f",
		Values: "COMMAND",
		Help:   "what the shell runs to reboot"},
}

// Supervisors are the arguments that PID 1 reads by itself, before there is a boot.
var Supervisors = []string{"b2c.on_crash", "b2c.watchdog"}

// LineOnly are the arguments that count on the kernel's command line alone: the supervisor's, and whose
// signatures arguments from elsewhere need.
var LineOnly = append([]string{"b2c.trust"}, Supervisors...)

// Lookup finds an argument by its name or one of its old names, or returns nil.
func Lookup(name string) *Argument {
	for i := range Table {
		a := &Table[i]
		if a.Name == name {
			return a
		}
		for _, old := range a.Old {
			if old == name {
				return a
			}
		}
	}
	return nil
}
