"""A model of the return loop in plain Python: what stands, what the warehouse holds, what waits for an answer.

It knows nothing of files, hashes or SQL: deliveries are lists of rows in their order in time, and everything is
worked out again from the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Key = tuple[int, bool]
"""A post and whether its ID number is right: together they name the record."""
Content = str
GOOD, BAD = ("2027-06-30", "2027-12-31"), ("2025-06-30", "2025-12-31")


def broken(key: Key, content: Content) -> frozenset[str]:
    """The rules that a row breaks by itself."""
    rules = set()
    if not key[1]:
        rules.add("checksum")
    if content in BAD:
        rules.add("before_start")
    return frozenset(rules)


@dataclass(frozen=True)
class Line:
    key: Key
    content: Content
    op: str = "U"


@dataclass(frozen=True)
class Said:
    """An answer that a delivery carries: what it was about (an item and those it went on from), what it made."""

    decision: str
    about: frozenset[tuple[Key, Content]]
    new_key: Key
    new_content: Content
    new_op: str = "U"


@dataclass(frozen=True)
class Waiver:
    key: Key
    rules: frozenset[str]
    since: int
    until: int
    entered: int


@dataclass(frozen=True)
class Came:
    """One delivery; `place` is (day, order of landing)."""

    place: tuple[int, int]
    mode: str
    lines: tuple[Line, ...]
    origin: str = "pull"
    said: tuple[Said, ...] = ()


@dataclass
class World:
    """What the deliveries up to some place amount to."""

    standing: dict[Key, Content] = field(default_factory=dict)
    warehouse: dict[Key, Content] = field(default_factory=dict)
    waiting: dict[Key, Content] = field(default_factory=dict)
    told: dict[Key, frozenset[str]] = field(default_factory=dict)
    lineage: dict[Key, frozenset[Content]] = field(default_factory=dict)
    settled: dict[tuple[Key, Content], Said] = field(default_factory=dict)
    counts: list[tuple[int, int, int, int]] = field(default_factory=list)

    def held(self, rows: dict[Key, Content]) -> dict[Key, Content]:
        """Corrected records whose old row is among `rows` under another key."""
        found = {}
        for key, content in rows.items():
            said = self.settled.get((key, content))
            if said and said.decision == "correct" and said.new_key != key and said.new_key not in rows:
                found[said.new_key] = said.new_content
        return found

    def comes_again(self, key: Key, content: Content) -> bool:
        said = self.settled.get((key, content))
        if said is None or said.decision == "waive":
            return False
        return said.new_op == "D" or (said.new_key, said.new_content) != (key, content)

    def faults(self, came: Came, line: Line, waivers: Iterable[Waiver]) -> frozenset[str]:
        """The rules a row breaks when it comes in this delivery."""
        day, landed = came.place
        lifted: set[str] = set()
        for each in waivers:
            if each.key == line.key and each.since <= day <= each.until and each.entered <= landed:
                lifted |= each.rules
        again = {"recurring"} if came.origin != "returns" and self.comes_again(line.key, line.content) else set()
        return (broken(line.key, line.content) - lifted) | again

    def take(self, came: Came, waivers: Iterable[Waiver]) -> None:
        tonight = {line.key: line.content for line in came.lines if line.op == "U"}
        before = self.standing | self.held(self.standing)
        changed = [line for line in came.lines if self._differs(came, line, before)]
        faults = {line: self.faults(came, line, waivers) for line in changed}
        accepted = [line for line in changed if line.op == "D" or not faults[line]]
        self.counts.append(
            (len(came.lines), len(came.lines) - len(changed), len(accepted), len(changed) - len(accepted))
        )
        for line in changed:
            self._put(came, line, faults[line])
        if came.mode == "full":
            kept = tonight | self.held(tonight)
            for key in before.keys() - kept.keys():
                self._end(key)
            self.standing = dict(tonight)
        else:
            gone = {line.key for line in came.lines if line.op == "D"}
            self.standing = {k: v for k, v in (self.standing | tonight).items() if k not in gone}
        for said in came.said:
            made = Line(said.new_key, said.new_content, said.new_op)
            if said.decision == "void" or made in accepted:
                self.settled |= dict.fromkeys(said.about, said)

    def _differs(self, came: Came, line: Line, before: dict[Key, Content]) -> bool:
        if line.op == "D":
            return line.key in before
        return came.origin != "pull" or before.get(line.key) != line.content

    def _put(self, came: Came, line: Line, faults: frozenset[str]) -> None:
        if line.op == "D":
            self._end(line.key)
        elif not faults:
            self._end(line.key)
            self.warehouse[line.key] = line.content
        else:
            former = self.waiting.get(line.key)
            if former is not None and former != line.content:
                self.lineage[line.key] = self.lineage.get(line.key, frozenset()) | {former}
            if former != line.content or came.origin != "pull":
                self.told[line.key] = faults
            self.waiting[line.key] = line.content

    def _end(self, key: Key) -> None:
        for each in (self.warehouse, self.waiting, self.lineage, self.told):
            each.pop(key, None)  # type: ignore[attr-defined]


@dataclass
class Model:
    """All that came and all that was waived so far."""

    came: list[Came] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)

    def world(self) -> World:
        """Everything worked out again, in the order of days and landings."""
        world = World()
        for each in sorted(self.came, key=lambda came: came.place):
            world.take(each, self.waivers)
        return world

    @property
    def landed(self) -> int:
        """Rises with every landing and every waiver."""
        return len(self.came) + len(self.waivers)

    @property
    def last_day(self) -> int:
        return max((each.place[0] for each in self.came), default=0)

    def deliver(self, day: int, mode: str, lines: Iterable[Line]) -> None:
        self.came.append(Came((day, self.landed), mode, tuple(lines)))

    def answer(self, day: int, key: Key, decision: str, new_key: Key, new_content: Content, until: int) -> str:
        """One answered row by itself; returns what the clerk is told."""
        world = self.world()
        content = world.waiting[key]
        old = world.settled.get((key, content))
        held = {old.new_key} if old and old.decision == "correct" and old.new_key != key else set()
        about = frozenset((key, each) for each in world.lineage.get(key, frozenset()) | {content})
        entered = self.landed
        waivers = list(self.waivers)
        if decision == "waive":
            new_key, new_content = key, content
            waived = Waiver(key, broken(key, content), day, until, entered)
            waivers += [waived] if waived.rules else []
        lines, made = [Line(new_key, new_content)], Said(decision, about, new_key, new_content)
        if decision == "void":
            lines, made = [Line(key, content, "D")], Said("void", about, key, content, "D")
        elif new_key != key:
            probe = Came((day, entered), "delta", (), "returns")
            if world.faults(probe, lines[0], waivers) or new_key in world.standing.keys() - held:
                return "still_wrong"
            lines.append(Line(key, content, "D"))
        released = held - ({new_key} if decision != "void" else set())
        for other in released:
            if other not in {line.key for line in lines}:
                lines.append(Line(other, "", "D"))
        self.waivers = waivers
        came = Came((day, self.landed), "delta", tuple(lines), "returns", (made,))
        self.came.append(came)
        if decision != "correct":
            return {"waive": "waived", "void": "void"}[decision]
        after = self.world()
        return "accepted" if new_key not in after.waiting else "still_wrong"

    def replay(self, day: int) -> None:
        """Judges what waits again: that of which something else is said now is delivered."""
        world = self.world()
        probe = Came((day, self.landed), "delta", (), "replay")
        lines = [Line(key, content) for key, content in world.waiting.items()]
        changed = [each for each in lines if world.faults(probe, each, self.waivers) != world.told[each.key]]
        if changed:
            self.came.append(Came((day, self.landed), "delta", tuple(changed), "replay"))
