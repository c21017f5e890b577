"""`threadprivate` and `copyin`."""

from omply import omp, omp_get_thread_num

counter = 5
scratch = [1]
omp("threadprivate(counter, scratch)")


def persists(out):
    global counter
    with omp("parallel num_threads(3)"):
        counter = 100 + omp_get_thread_num()
    with omp("parallel num_threads(3)"):
        out[omp_get_thread_num()] = counter


def test_values_persist_from_region_to_region():
    out = [0, 0, 0]
    omp(mode="python")(persists)(out)
    assert out == [100, 101, 102]
    assert counter == 100  # the initial thread's is the global itself


def copied_in(out):
    global counter
    counter = 7
    with omp("parallel num_threads(3) copyin(counter)"):
        out[omp_get_thread_num()] = counter
        counter += 1 + omp_get_thread_num()


def test_copyin_takes_the_initial_threads_value():
    out = [0, 0, 0]
    omp(mode="python")(copied_in)(out)
    assert out == [7, 7, 7]
    assert counter == 8


def own_lists(out):
    with omp("parallel num_threads(3)"):
        scratch.append(omp_get_thread_num())
        out[omp_get_thread_num()] = len(scratch)


def test_every_thread_has_its_own_container():
    out = [0, 0, 0]
    omp(mode="python")(own_lists)(out)
    assert out == [2, 2, 2]
