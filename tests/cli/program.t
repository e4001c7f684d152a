# The program's own words.
$ tocsin --version
tocsin 0.1.0
$ tocsin
2> tocsin: no command given; see tocsin --help
[2]

# A command that is nearly one is named; one that is far from all is not.
$ tocsin hlep
2> tocsin: there is no command 'hlep' (did you mean 'help'?); see tocsin --help
[2]
$ tocsin zebra
2> tocsin: there is no command 'zebra'; see tocsin --help
[2]
$ tocsin help zebra
2> tocsin: there is no command 'zebra'; see tocsin --help
[2]

# Foreign words cannot drive the terminal.
$ tocsin "$(printf '\033[2Jx')"
2> tocsin: there is no command '?[2Jx'; see tocsin --help
[2]

# What could not be printed is a failure.
$ tocsin --help >/dev/full
2> tocsin: standard output could not be written
[4]
$ tocsin --version | head -1
tocsin 0.1.0
