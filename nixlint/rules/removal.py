"""Taking bindings, names and formals out of a text without leaving a mess.

Every function gives back a `Removal`, and `edits_of` makes the edits of one fix out of several.
Two rules hold throughout:

- What stands alone on its lines goes with them; what shares a line goes with the blanks around it.
- Two tokens that would become neighbors are kept apart (`let a = 1;in b` becomes ` b`, not `b`
  glued to what stood before the `let`).

A comment belongs to a binding if it follows on the same line, or stands on lines of its own right
above it.
"""

from __future__ import annotations

from nixlint.diagnostics.model import Edit
from nixlint.syntax.ids import T_BLOCK_COMMENT, T_COMMA, T_COMMENT
from nixlint.syntax.nodes import AttrName, ExprLet, Formal, Inherit, Node
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span


class Removal:
    """Something to take out: edits, whole lines, and whether comments would go along, in which
    case the fix cannot be safe."""

    def __init__(self, edits: list[Edit], lines: list[Span], has_comment: bool) -> None:
        self.edits = edits
        self.lines = lines
        self.has_comment = has_comment


def edits_of(tree: Tree, removals: list[Removal]) -> list[Edit]:
    """The edits of all removals, in order and clear of each other."""
    text = tree.text
    lines: list[tuple[int, int]] = []
    found: list[tuple[int, int, str]] = []
    for removal in removals:
        for edit in removal.edits:
            found.append((edit.span.start, edit.span.end, edit.text))
        for span in removal.lines:
            lines.append((span.start, span.end))
    for start, end in joined(lines):
        start, end = without_blank_line(text, start, end)
        found.append((start, end, ""))
    found.sort()
    out: list[Edit] = []
    for start, end, new in found:
        last = out[len(out) - 1] if out else None
        if last is not None and start < last.span.end:
            last.span = Span(last.span.start, max(end, last.span.end))
            if new:
                last.text = new
        else:
            out.append(Edit(Span(start, end), new))
    return out


def joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in order, those that touch or overlap made into one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if out and start <= out[len(out) - 1][1]:
            before, known_end = out.pop()
            out.append((before, max(known_end, end)))
        else:
            out.append((start, end))
    return out


def has_comment(tree: Tree, start: int, end: int) -> bool:
    """Whether a comment lies between two offsets."""
    tokens = tree.tokens
    index = tokens.index_at(start)
    while index < len(tokens) and tokens.start(index) < end:
        if is_comment(tree, index) and tokens.end(index) > start:
            return True
        index += 1
    return False


def is_comment(tree: Tree, index: int) -> bool:
    kind = tree.tokens.kind(index)
    return kind == T_COMMENT or kind == T_BLOCK_COMMENT


def cut(text: str, start: int, end: int) -> Edit:
    """Removes a range; leaves a blank where two tokens would touch."""
    before = text[start - 1] if start > 0 else "\n"
    after = text[end] if end < len(text) else "\n"
    apart = before in " \t\r\n([{;," or after in " \t\r\n)]};,"
    return Edit(Span(start, end), "" if apart else " ")


def line_start(text: str, offset: int) -> int:
    """The start of the line that holds `offset`; lines end at LF here, also those of CRLF."""
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """The end of the line that holds `offset`, before its line end."""
    end = text.find("\n", offset)
    if end < 0:
        end = len(text)
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def next_line(text: str, offset: int) -> int:
    """The start of the line after the one that holds `offset`."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1


def is_blank(text: str, start: int, end: int) -> bool:
    return not text[start:end].strip()


def remove_lines(tree: Tree, start: int, end: int) -> Removal:
    """Removes what lies between two offsets, which must be whole tokens, and what belongs to it:
    attached comments, its lines if nothing else is on them, a blank line too many."""
    text = tree.text
    tokens = tree.tokens
    lost = has_comment(tree, start, end)
    first = line_start(text, start)
    # A comment that follows on the same line.
    index = tokens.index_at(end)
    behind = end
    while index < len(tokens) and tokens.is_trivia(index):
        at = tokens.start(index)
        if "\n" in text[behind:at]:
            break
        if is_comment(tree, index):
            stop = tokens.end(index)
            if not is_blank(text, stop, line_end(text, stop)) or "\n" in text[at:stop]:
                break
            behind = stop
            lost = True
            break
        index += 1
    alone_behind = is_blank(text, behind, line_end(text, behind))
    if not is_blank(text, first, start):
        if not alone_behind:
            lost = has_comment(tree, start, end)
            return Removal([cut(text, start, skip_blanks(text, end))], [], lost)
        while start > first and text[start - 1] in " \t":
            start -= 1
        return Removal([cut(text, start, behind)], [], lost)
    above = comments_above(tree, first)
    if above < first:
        lost = True
    if not alone_behind:
        # More code follows on the last line: it takes the place of what goes.
        begin = above + (start - first) if above < first else start
        return Removal([cut(text, begin, skip_blanks(text, end))], [], lost)
    return Removal([], [Span(above, next_line(text, behind))], lost)


def skip_blanks(text: str, offset: int) -> int:
    while offset < len(text) and text[offset] in " \t":
        offset += 1
    return offset


def comments_above(tree: Tree, first: int) -> int:
    """The start of the first of the comment lines right above the line that starts at `first`."""
    text = tree.text
    tokens = tree.tokens
    begin = first
    index = tokens.index_at(max(first - 1, 0))
    while index >= 0 and tokens.is_trivia(index):
        if is_comment(tree, index):
            at = tokens.start(index)
            stop = tokens.end(index)
            own = line_start(text, at)
            if not is_blank(text, own, at) or text.count("\n", stop, begin) != 1:
                break
            begin = own
        index -= 1
    return begin


def without_blank_line(text: str, begin: int, stop: int) -> tuple[int, int]:
    """Widens a range of whole lines by one blank line, where two would come to lie together, or
    one would open or close a block."""
    above = line_start(text, begin - 1) if begin > 0 else 0
    blank_above = begin > 0 and is_blank(text, above, begin)
    below = next_line(text, stop)
    blank_below = stop < len(text) and is_blank(text, stop, below)
    if blank_below and (blank_above or opens_block(text, above, begin)):
        return begin, below
    rest = text[stop : line_end(text, stop)].strip() if stop < len(text) else ""
    if blank_above and (rest == "in" or rest.startswith(("in ", "}", "]", ")"))):
        return above, stop
    return begin, stop


def opens_block(text: str, start: int, end: int) -> bool:
    line = text[start:end].strip()
    return line == "let" or line.endswith((" let", "{", "(let"))


def remove_let(tree: Tree, node: ExprLet) -> Removal:
    """Removes a whole `let … in`, so that its body remains, and comments between the two."""
    tokens = tree.tokens
    in_index = tokens.previous_solid(tokens.index_at(node.body.start) - 1)
    index = in_index + 1
    while tokens.is_trivia(index) and not is_comment(tree, index):
        index += 1
    lost = has_comment(tree, node.start, tokens.start(in_index))
    return Removal([cut(tree.text, node.start, tokens.start(index))], [], lost)


def remove_prefix(tree: Tree, start: int, body: Node) -> Removal:
    """Removes what stands before `body`, from `start` on: a `with e;`, a keyword."""
    return Removal([cut(tree.text, start, body.start)], [], has_comment(tree, start, body.start))


def remove_inherited(tree: Tree, node: Inherit, names: list[AttrName]) -> Removal:
    """Removes names from an `inherit`, and all of it when no name is left."""
    if len(names) == len(node.names):
        return remove_lines(tree, node.start, node.end)
    out = Removal([], [], False)
    for attr in names:
        one = remove_name(tree, attr.start, attr.end)
        out.edits.extend(one.edits)
        out.lines.extend(one.lines)
        out.has_comment = out.has_comment or one.has_comment
    return out


def remove_name(tree: Tree, start: int, end: int) -> Removal:
    """Removes a name from a row of names that are kept apart by blanks."""
    text = tree.text
    first = line_start(text, start)
    if is_blank(text, first, start):
        stop = skip_blanks(text, end)
        if text[stop : stop + 1] in ("\n", "\r", "#") or text.startswith("/*", stop):
            return remove_lines(tree, start, end)
        return Removal([Edit(Span(start, stop), "")], [], False)
    begin = start
    while begin > first and text[begin - 1] in " \t":
        begin -= 1
    return Removal([cut(text, begin, end)], [], False)


def remove_formal(tree: Tree, formal: Formal) -> Removal:
    """Removes a formal, its comma, and comments that belong to it."""
    text = tree.text
    tokens = tree.tokens
    start: int = formal.start
    end: int = formal.end
    before = tokens.previous_solid(tokens.index_at(start) - 1)
    after = tokens.next_solid(tokens.index_at(end))
    comma_before = before >= 0 and tokens.kind(before) == T_COMMA
    comma_after = tokens.kind(after) == T_COMMA
    if comma_before:
        comma: int = tokens.start(before)
        if is_leading(text, comma, start):
            return remove_lines(tree, comma, end)
        if not comma_after and has_comment(tree, comma, start):
            # The comment in between speaks about the one before.
            out = remove_lines(tree, start, end)
            out.edits.append(Edit(Span(comma, comma + 1), ""))
            return out
        if not comma_after:
            return Removal([cut(text, comma, end)], [], has_comment(tree, start, end))
    if not comma_after:
        return remove_lines(tree, start, end)
    stop: int = tokens.end(after)
    if is_leading(text, tokens.start(after), stop):
        # `{ first` above `, second`: what comes next takes its place.
        stop = skip_blanks(text, stop)
        return Removal([cut(text, start, stop)], [], has_comment(tree, start, stop))
    return remove_lines(tree, start, stop)


def is_leading(text: str, comma: int, start: int) -> bool:
    """Whether a comma opens the line that `start` is on."""
    return "\n" not in text[comma:start] and is_blank(text, line_start(text, comma), comma)
