import threading

import pytest

from tb_meanpixel.serving.reading.cache import Cache


def test_a_value_is_given_in_its_own_revision_only():
    cache = Cache()
    cache.put("key", "1", "old", 3)
    assert "old" == cache.get("key", "1")
    assert cache.get("key", "2") is None

    cache.put("key", "2", "new", 3)

    assert cache.get("key", "1") is None
    assert ("new", 3) == (cache.get("key", "2"), cache.nbytes)


def test_the_least_recently_used_go_when_it_is_full():
    cache = Cache(max_bytes=10)
    for key in "abc":
        cache.put(key, "1", key, 4)
        cache.get("a", "1")

    assert [True, False, True] == [cache.get(key, "1") is not None for key in "abc"]
    assert 8 == cache.nbytes


def test_a_value_that_is_too_large_is_the_only_one():
    cache = Cache(max_bytes=10)
    cache.put("small", "1", 1, 4)
    cache.put("large", "1", 2, 100)

    assert (None, 2) == (cache.get("small", "1"), cache.get("large", "1"))


def test_many_threads_leave_the_size_right():
    cache = Cache(max_bytes=100)

    def use(number):
        for turn in range(300):
            cache.put((number * turn) % 40, "1", turn, 7)
            cache.get(turn % 40, "1")

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = [key for key in range(40) if cache.get(key, "1") is not None]
    assert 7 * len(kept) == cache.nbytes <= 100


def test_callers_at_the_same_time_share_one_value():
    cache, begun, release, found = Cache(), threading.Event(), threading.Event(), []

    def make():
        begun.set()
        release.wait()
        return "first"

    first = threading.Thread(target=lambda: found.append(cache.share("key", make)))
    second = threading.Thread(target=lambda: found.append(cache.share("key", lambda: "second")))
    first.start()
    begun.wait()
    second.start()
    second.join(0.2)
    assert second.is_alive()  # it waits for the first

    release.set()
    first.join()
    second.join()

    assert ["first", "first"] == found
    assert "later" == cache.share("key", lambda: "later")


def test_a_failure_is_not_kept():
    cache = Cache()

    with pytest.raises(ZeroDivisionError):
        cache.share("key", lambda: 1 // 0)
    assert 1 == cache.share("key", lambda: 1)
