package run

// Script runs a text as a script of its own on behalf of a command that this shell runs. It shares variables,
// functions and traps with what runs already; options, IFS, folder and parameters are its own, and `exit` or a
// failure ends it alone. It returns the script's status, and the line of the command that ran last.
func (sh *Shell) Script(name, text string) (status, line int) {
	if err := sh.enter(name); err != nil {
		sh.report(name, err)
		return 2, 0
	}
	defer func() { sh.depth-- }()
	was := struct {
		options            options
		name, script, dir  string
		params             []string
		line, loops, calls int
		tested             int
		interactive, typed bool
	}{sh.options, sh.name, sh.script, sh.dir, sh.params, sh.line, sh.loops, sh.calls, sh.tested, sh.interactive, sh.typed}
	ifs, pwd := sh.former("IFS"), sh.former("PWD")
	defer func() {
		sh.options, sh.name, sh.script, sh.dir, sh.params = was.options, was.name, was.script, was.dir, was.params
		sh.line, sh.loops, sh.calls, sh.tested = was.line, was.loops, was.calls, was.tested
		sh.interactive, sh.typed = was.interactive, was.typed
		sh.replace("IFS", ifs.was)
		sh.replace("PWD", pwd.was)
		sh.flow = next
	}()
	trace := sh.options.on['x']
	sh.options = options{}
	sh.options.on['h'], sh.options.on['x'] = true, trace
	sh.name, sh.script, sh.params, sh.line = name, name, nil, 0
	sh.loops, sh.calls, sh.tested, sh.status = 0, 0, 0, 0
	sh.interactive, sh.typed = false, false
	sh.replace("IFS", variable{value: " \t\n", set: true})
	sh.Text(text)
	return sh.status, sh.line
}

// Quit has the shell end when the command that it runs has ended.
func (sh *Shell) Quit() { sh.quits = true }
