"""A process that runs the measured programs for one side, on requests that come as lines of JSON.

usage: worker.py SIDE [LIBRARY]      SIDE: omply, omply-unchecked, c (with its library), numba, pyomp

Each side has a process of its own, so that no two OpenMP runtimes meet in one. Time is taken here, around the call.
"""

import importlib
import json
import re
import sys
import time
from pathlib import Path

import c_side
from programs import programs


def load_omply(table, **options):
    """The programs as Omply compiles them. With options, every function of their modules is decorated anew with them."""
    from omply import omp

    functions = {}
    for name, program in table.items():
        module = importlib.import_module(program.module)
        if options:
            for attribute, value in vars(module).copy().items():
                if hasattr(value, "__wrapped__"):
                    setattr(module, attribute, omp(**options)(value.__wrapped__))
        functions[name] = getattr(module, program.function)
    return functions


def load(side, arguments, table):
    if side == "c":
        return c_side.load(arguments[0], table)
    if side == "omply":
        return load_omply(table)
    if side == "omply-unchecked":
        return load_omply(table, bounds_check=False)
    module = importlib.import_module(f"peers.{side}_side")
    return {name: getattr(module, name) for name in table if hasattr(module, name)}


def openmp_libraries():
    """The OpenMP runtimes that are mapped into this process."""
    maps = Path("/proc/self/maps").read_text()
    return sorted({word for word in re.findall(r"/\S+", maps) if re.search(r"lib(g|i)?omp[^/]*\.so", word)})


class Worker:
    def __init__(self, functions, table):
        self.functions = functions
        self.table = table
        self.arguments = {}

    def check(self, name):
        """Runs a program twice (the first call compiles it, where there is anything to compile); checks the result."""
        program = self.table[name]
        arguments = self.arguments.setdefault(name, program.arguments())
        for _ in range(2):
            program.reset(*arguments)
            result = self.functions[name](*arguments)
        program.check(result, *arguments)

    def best(self, name, repeat):
        """The shortest of a few runs, in nanoseconds."""
        program, function, arguments = self.table[name], self.functions[name], self.arguments[name]
        times = []
        for _ in range(repeat):
            program.reset(*arguments)
            start = time.perf_counter_ns()
            function(*arguments)
            times.append(time.perf_counter_ns() - start)
        return min(times)


def main():
    side, *arguments = sys.argv[1:]
    sizes = json.loads(sys.stdin.readline())
    table = programs(**sizes)
    functions = load(side, arguments, table)
    worker = Worker(functions, table)
    print(json.dumps(sorted(functions)), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "check":
                reply = {"ok": worker.check(request["program"])}
            elif request["do"] == "time":
                reply = {"ok": worker.best(request["program"], request["repeat"])}
            else:
                reply = {"ok": openmp_libraries()}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
