"""Probes are read site by site, and what is no file of the compiler's is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.evenkeel.errors import InvalidRelease
from plugins.module_utils.evenkeel.manifest import probes_bytes
from plugins.module_utils.evenkeel.site_probes import parse

TEXT = st.text(alphabet=st.sampled_from('ab"\\\n,:{}[] \u2028é'), max_size=8)
SITES = st.dictionaries(TEXT.filter(lambda name: ":" not in name), st.lists(st.dictionaries(TEXT, TEXT, max_size=3), max_size=3))


@given(SITES)
def test_what_is_written_is_read_whatever_it_says(sites: dict[str, list[dict[str, str]]]) -> None:
    found = parse(probes_bytes(sites))
    assert dict(found) == sites


def test_equal_probes_have_equal_texts() -> None:
    one, two = (parse(probes_bytes({"blog": [{"name": "page", "path": path}]})) for path in ("/", "/about"))
    assert one.text("blog") == parse(probes_bytes({"blog": [{"path": "/", "name": "page"}]})).text("blog")
    assert one.text("blog") != two.text("blog")
    assert one.text("shop") is None


@pytest.mark.parametrize("data", [b"", b"{}", b'{"format":1,"sites":{\nblog:[]\n}}\n', b'{"format":1,"sites":{\n"blog"\n}}\n'])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRelease, match=r"probes\.json cannot be read"):
        dict(parse(data))
