"""The `omply` command: `omply explain FILE[:FUNCTION]` and `omply env`."""

import sys

USAGE = """\
usage: omply explain FILE[:FUNCTION]   what each directive does with each variable, and clauses without effect
       omply env                       version, interpreter, modes, and the settings in force
"""


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    match arguments:
        case ["explain", target]:
            from ._explain import explain

            return explain(target)
        case ["env"]:
            return environment()
        case ["-h" | "--help" | "help"]:
            print(USAGE, end="")
            return 0
    print(USAGE, end="", file=sys.stderr)
    return 2


def environment():
    from . import _core, omp_display_env
    from ._omp import default_mode

    enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"omply {_core.__version__}")
    print(f"python {sys.version.split()[0]}, {'with' if enabled else 'without'} the global interpreter lock")
    print(f"modes: {'native, ' if _core.has_native else ''}python, serial; default: {default_mode}")
    sys.stdout.flush()
    omp_display_env(True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
