"""Do the checkers find what they are for? Losses and damage are made here on purpose."""
import argparse
import array
import contextlib
import io
import unittest

import image
import latency
import takeover
from prefix import History, pipelined_prefix, serial_prefix
from stamps import SECTOR, Damaged, Stamps
from stress import Model


class StampsTest(unittest.TestCase):
    def setUp(self):
        self.stamps = Stamps(7)
        self.data = self.stamps.write(1, 5, 100, 3)

    def damage(self, change):
        data = bytearray(self.data)
        change(data)
        return self.assertRaises(Damaged, self.stamps.versions, data, 100)

    def test_versions(self):
        for version in (4, 5):
            data = self.stamps.write(1, version, 100, 2) + bytes(SECTOR)
            self.assertEqual(self.stamps.versions(data, 100), [version, version, 0])

    def test_every_flipped_byte_is_found(self):
        for version in (4, 5):
            self.data = self.stamps.write(1, version, 100, 1)
            for at in range(SECTOR):
                self.damage(lambda data, at=at: data.__setitem__(at, data[at] ^ 1))

    def test_torn_sector(self):
        for older in (3, 4):
            self.damage(lambda data: data.__setitem__(
                slice(300, 512), self.stamps.write(1, older, 100, 1)[300:]))

    def test_misplaced_sector(self):
        self.assertRaises(Damaged, self.stamps.versions, self.data, 101)

    def test_sector_of_another_run(self):
        self.assertRaises(Damaged, Stamps(8).versions, self.data, 100)


class StressTest(unittest.TestCase):
    def setUp(self):
        self.model = Model(run=1, first_lba=0, sectors=8)

    def write(self, start, count, is_zero=False, acknowledged=True):
        version = self.model.issue(start, count, is_zero)
        if acknowledged:
            self.model.acknowledge(version)
        return version

    def reason(self, sector, seen):
        return self.model.explain(sector, seen, self.model.newest[sector])

    def test_acknowledged_is_expected(self):
        old, new = self.write(0, 4), self.write(0, 2)
        self.assertIsNone(self.reason(0, new))
        self.assertIsNone(self.reason(3, old))
        self.assertIn("older", self.reason(0, old))
        self.assertIn("zeros", self.reason(0, 0))
        self.assertIn("never was written there", self.reason(3, new))

    def test_unacknowledged_may_be_there_or_not(self):
        old, new = self.write(0, 4), self.write(0, 2, acknowledged=False)
        self.assertIsNone(self.reason(0, old))
        self.assertIsNone(self.reason(0, new))

    def test_concurrent_writes_may_end_either_way(self):
        first = self.model.issue(0, 1, False)
        second = self.model.issue(0, 1, False)
        self.model.acknowledge(second)
        self.model.acknowledge(first)
        self.assertIsNone(self.reason(0, first))
        self.assertIsNone(self.reason(0, second))
        third = self.write(0, 1)
        self.assertIsNone(self.reason(0, third))
        self.assertIsNotNone(self.reason(0, first))
        self.assertIsNotNone(self.reason(0, second))

    def test_trimmed_stays_trimmed(self):
        old = self.write(0, 1)
        self.write(0, 1, is_zero=True)
        self.assertIsNone(self.reason(0, 0))
        self.assertIn("older", self.reason(0, old))
        new = self.write(0, 1)
        self.assertIn("zeros", self.reason(0, 0))
        self.assertIsNone(self.reason(0, new))

    def test_what_was_seen_stays(self):
        old = self.write(0, 1)
        lost = self.write(0, 1, acknowledged=False)
        self.model.settle(0, [old])
        self.model.operations.clear()
        self.assertIn("earlier round", self.reason(0, lost))
        self.assertIsNone(self.reason(0, old))


class PrefixTest(unittest.TestCase):
    def setUp(self):
        self.history = History(run=1, first_lba=0, sectors=8)

    def add(self, start, count, is_trim=False, answered=True):
        operation = self.history.add(start, count, is_trim)
        if answered:
            self.history.answered(operation)

    def fails(self, judge, found):
        with self.assertRaises(SystemExit) as failure, contextlib.redirect_stdout(io.StringIO()):
            judge(self.history, array.array("L", found))
        return str(failure.exception)

    def test_serial(self):
        self.add(0, 4)
        self.add(2, 4)
        self.add(0, 1, is_trim=True)
        states = ([0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0],
                  [1, 1, 2, 2, 2, 2, 0, 0], [0, 1, 2, 2, 2, 2, 0, 0])
        for left, state in enumerate(states):
            self.assertEqual(serial_prefix(self.history, array.array("L", state)), left)

    def test_serial_hole_part_and_resurrection(self):
        self.add(0, 2)
        self.add(2, 2)
        self.add(4, 2)
        for state in ([0, 0, 2, 2, 0, 0, 0, 0], [1, 1, 0, 0, 3, 3, 0, 0],
                      [1, 1, 2, 0, 0, 0, 0, 0], [1, 1, 9, 9, 0, 0, 0, 0]):
            self.assertIn("no prefix", self.fails(serial_prefix, state))

    def test_a_part_of_a_long_write_is_no_prefix(self):
        self.history = History(run=1, first_lba=0, sectors=1000)
        self.add(0, 300)
        self.add(300, 300)
        found = [1] * 300 + [2] * 128 + [0] * 572
        self.assertIn("no prefix", self.fails(serial_prefix, found))
        self.assertIn("a part of", self.fails(pipelined_prefix, found))

    def test_pipelined(self):
        self.add(0, 2, answered=False)
        self.add(2, 2)
        self.add(4, 2)
        for state, left in (([0, 0, 2, 2, 3, 3, 0, 0], [False, True, True]),
                            ([1, 1, 2, 2, 0, 0, 0, 0], [True, True, False])):
            self.assertEqual(pipelined_prefix(self.history, array.array("L", state)), left)
        self.assertIn("was issued after", self.fails(pipelined_prefix, [1, 1, 0, 0, 3, 3, 0, 0]))
        self.assertIn("a part of", self.fails(pipelined_prefix, [1, 0, 0, 0, 0, 0, 0, 0]))
        self.assertIn("did not write", self.fails(pipelined_prefix, [1, 1, 0, 0, 0, 0, 0, 9]))


class TakeoverTest(unittest.TestCase):
    """Ten operations, answered at 10 to 19, disturbed at 15, taken over at 17, silent by 21."""

    def setUp(self):
        self.history = takeover.History(run=1, first_lba=0, sectors=8)
        self.history.begin()
        for at in range(10, 20):
            operation = self.history.add(0, 1, False)
            operation.answered, operation.answer_time = at, at
        self.history.killed, self.history.last_answer = 15, 19

    def reason(self, count, durability):
        return takeover.breach(self.history, count, argparse.Namespace(
            durability=durability, max_age=2, taken=17, resumed=18, within=3))

    def test_what_a_flush_covers_is_left_in_object(self):
        self.history.flushed, self.history.last_flush_sent = 4, 13
        self.assertIsNone(self.reason(4, "object"))
        self.assertIn("FLUSH covered 4", self.reason(3, "object"))

    def test_a_flush_after_the_takeover(self):
        self.history.last_flush_sent = 18
        self.assertIn("1.000 s after the takeover", self.reason(10, "object"))
        self.assertIsNone(self.reason(10, "local"))

    def test_local_loses_the_end_only(self):
        self.assertIsNone(self.reason(3, "local"))
        self.assertIn("3.00 s before", self.reason(2, "local"))

    def test_an_answer_that_comes_too_late(self):
        self.history.last_answer = 22
        for durability in ("local", "object"):
            self.assertIn("4.000 s after it could know", self.reason(10, durability))


class ImageTest(unittest.TestCase):
    """Two pages of data, two of zeros, half a page of data."""

    image = b"x" * 8192 + bytes(8192) + b"x" * 2048
    right = [(0, 8192, False), (8192, 8192, True), (16384, 2048, False)]

    def reason(self, extents):
        return image.compare(self.image, extents)

    def test_right_map(self):
        self.assertIsNone(self.reason(self.right))
        self.assertIsNone(self.reason([(0, 8192, False), (8192, 512, False),
                                       (8704, 7680, True), (16384, 2048, False)]))

    def test_wrong_maps(self):
        for extents, reason in (
                ([(0, 18432, False)], "zeros at 8192 pass for data"),
                ([(0, 4096, False), (4096, 12288, True)], "12288 bytes at 4096 are not all zeros"),
                (self.right[:2], "ends at 16384 of 18432"),
                (self.right[:1] + self.right[2:], "extent at 16384, expected at 8192"),
                (self.right[:1] + [(4096, 12288, True)], "extent at 4096, expected at 8192")):
            self.assertEqual(self.reason(extents), reason)

    def test_both_tools(self):
        nbdinfo = [{"offset": at, "length": n, "type": 3 * zero} for at, n, zero in self.right]
        qemu_img = [{"start": at, "length": n, "zero": zero} for at, n, zero in self.right]
        for rows in (nbdinfo, qemu_img):
            self.assertEqual(list(image.extents(rows)), self.right)


class LatencyTest(unittest.TestCase):
    spells = latency.read_spells(["here 2000 3000", "quiet 0 1000", "here 4000 5000"])

    def test_each_kind_has_its_own(self):
        log = [(500, 7), (999, 9), (1000, 99), (2199, 98), (2200, 5), (4999, 3), (5000, 97)]
        self.assertEqual(latency.by_kind(log, self.spells), {"quiet": [7, 9], "here": [3, 5]})

    def test_a_client_that_was_not_there(self):
        self.assertRaises(ValueError, latency.by_kind, [(500, 7), (2500, 5)], self.spells)

    def test_p99(self):
        self.assertEqual(latency.p99(list(range(1000))), 990)
        self.assertEqual(latency.p99([4]), 4)


if __name__ == "__main__":
    unittest.main()
