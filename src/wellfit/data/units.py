"""Units beside numbers, such as ``12 %`` and ``$1,234.50``: taken off where all numbers of a column have one."""

from typing import Any

from wellfit.core.extras import need
from wellfit.data.notation import MARKS, MOSTLY, SPACES, listed

UNIT = r"%|‰|[$€£¥₹₽₩]|US\$|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN"
GAP = "[ \u00a0\u202f]?"
AMOUNT = rf"(?:\d(?:[\d.,]|{SPACES}\d)*|[.,]\d+)(?:[eE][+-]?\d+)?"
WRITTEN = rf"^(?P<sign>[+-]?)(?P<before>{UNIT})?{GAP}(?P<amount>[+-]?{AMOUNT}){GAP}(?P<after>{UNIT})?$"


def without_units(table: Any, notes: list[str]) -> Any:
    """The arrow table with the units taken off its columns of text; a note says of which."""
    types = need("pyarrow", "cli", "reading tables").types
    found: dict[str, list[str]] = {}
    for j, field in enumerate(table.schema):
        if not types.is_string(field.type) or not table.num_rows:
            continue
        unit = _unit(field.name, table.column(j))
        if unit:
            found.setdefault(unit, []).append(field.name)
            table = table.set_column(j, field.name, _taken_off(table.column(j)))
    notes += [f"the unit {unit!r} was taken off the numbers of {listed(names)}." for unit, names in found.items()]
    return table


def _unit(name: str, column: Any) -> str | None:
    """The one unit of a column's numbers; None where it is no column of numbers, or none has a unit."""
    pa, pc = (need(module, "cli", "reading tables") for module in ("pyarrow", "pyarrow.compute"))
    values = pc.unique(column).drop_null()
    values = values.filter(pc.invert(pc.is_in(values, value_set=pa.array(MARKS, values.type))))
    parts = pc.extract_regex(values, WRITTEN)
    numbers = values.filter(pc.is_valid(parts))
    if not len(numbers) or len(numbers) < MOSTLY * len(values):
        return None
    parts = parts.drop_null()
    before, after = pc.struct_field(parts, "before"), pc.struct_field(parts, "after")
    units = pc.binary_join_element_wise(before, after, "")
    distinct = pc.unique(units).to_pylist()
    if distinct == [""]:
        return None
    if len(distinct) > 1:
        examples = [numbers[units.to_pylist().index(unit)].as_py() for unit in distinct[:2]]
        raise ValueError(
            f"column {name!r} writes numbers both as {examples[0]!r} and as {examples[1]!r}; write all of them with "
            "one unit, or with none."
        )
    return distinct[0]


def _taken_off(column: Any) -> Any:
    """The column with the amounts alone; what is no number stays as it is."""
    pc = need("pyarrow.compute", "cli", "reading tables")
    parts = pc.extract_regex(column, WRITTEN)
    sign, amount = pc.struct_field(parts, "sign"), pc.struct_field(parts, "amount")
    return pc.coalesce(pc.binary_join_element_wise(sign, amount, ""), column)
