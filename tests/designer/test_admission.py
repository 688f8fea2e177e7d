import threading

from designer.admission import Bodies


def test_the_sum_of_what_is_given_never_exceeds_the_memory():
    bodies, most, now, lock = Bodies(100, patience=60.0), [0], [0], threading.Lock()

    def work(size):
        for _ in range(50):
            assert bodies.take(size)
            with lock:
                now[0] += min(size, 100)
                most[0] = max(most[0], now[0])
            with lock:
                now[0] -= min(size, 100)
            bodies.give_back(size)

    threads = [threading.Thread(target=work, args=(size,)) for size in (10, 40, 60, 90, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert 60 <= most[0] <= 100


def test_who_waits_in_vain_is_told():
    bodies = Bodies(100, patience=0.02)
    assert bodies.take(80)
    assert not bodies.take(40)
    bodies.give_back(80)
    assert bodies.take(100)
