"""The `omply` command: `omply explain FILE[:FUNCTION]`, `omply devices` and `omply env`."""

import sys

USAGE = """\
usage: omply explain FILE[:FUNCTION]   what each directive does with each variable, and clauses without effect
       omply explain --run FILE ...    runs the program, then tells which `simd` loops are no vector code, and why
       omply devices                   the devices that target regions can run on, and why others are missing
       omply env                       version, interpreter, modes, and the settings in force
"""


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    match arguments:
        case ["explain", "--run", program, *rest]:
            from ._explain import explain_run

            return explain_run(program, rest)
        case ["explain", target]:
            from ._explain import explain

            return explain(target)
        case ["devices"]:
            return devices()
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


def devices():
    from . import _core, omp_get_default_device, omp_get_initial_device

    found, absent = _core.devices()
    default, host = omp_get_default_device(), omp_get_initial_device()
    mark = " (default)"
    for device in found:
        print(f"device {device['number']}: {device['name']}{mark if device['number'] == default else ''}")
        print(f"  plugin {device['plugin']}, driver {device['driver']}")
        traits = [f"kind({kind})" for kind in device["kind"]] + [f"isa({isa})" for isa in device["isa"]]
        traits += [f"arch({device['arch']})", f"vendor({device['vendor']})", f"uid({device['uid']})"]
        print(f"  {' '.join(traits)}")
        memory = f"{device['memory'] / 2**30:.1f} GiB, " if device["memory"] else ""
        units = f"{device['units']} units, at most {device['max_threads']} threads a team"
        print(f"  {memory}{units}, {device['width']} at a time")
    print(f"device {host}: the host{mark if default in (host, -1) else ''}")
    for plugin, why in absent:
        print(f"no devices from {plugin}: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
