#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schema_test.py --program PERMWARD: the schema of the policy language and the loader say the same.

The cases are in tests/schema/; corpus.py says how they are written.
"""

import datetime
import functools
import json
import re
import tomllib
from pathlib import Path

import cli_test
import corpus
import jsonschema
import reports

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "policies/permward-policy.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))
TIMEOUT = 850  # seconds, for hundreds of runs on a machine that is busy, under a sanitizer
# What no text of a policy can end in: where it comes from, and what is found elsewhere. A story has each.
OF_NO_TEXT = {"E0001", "E0002", "E0003", "E0004", "E0005", "E0505",
              "W0001", "W0002", "W0003", "W0004", "W0005", "W0006", "W0007", "W0008", "W0009", "W0010", "W0011", "W0608",
              "W0609"}


def as_json(value):
    """A value of TOML as editors hand it to a schema: dates and times are strings."""
    if isinstance(value, dict):
        return {key: as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value


def read(text):
    """The policy as JSON; None where it is no TOML."""
    try:
        return as_json(tomllib.loads(text.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None


def schema_accepts(text):
    document = read(text)
    return document is not None and VALIDATOR.is_valid(document)


def resolved(node):
    while "$ref" in node:
        node = SCHEMA["definitions"][node["$ref"].rpartition("/")[2]]
    return node


def is_table(node):
    return node.get("type") == "object" and "properties" in node


def tables(node=SCHEMA, name="the policy"):
    """Every table of the language in the schema, as (name, node)."""
    if is_table(node):
        yield name, node
    for key, member in node.items():
        below = name if key in ("definitions", "properties", "anyOf", "allOf", "items") else key
        if isinstance(member, dict):
            yield from tables(member, below)
        elif isinstance(member, list):
            for item in member:
                if isinstance(item, dict):
                    yield from tables(item, below)


def branches(node, value):
    """The parts of the schema that `value`, which is valid, is held to at this place."""
    node = resolved(node)
    yield node
    for part in node.get("allOf", []):
        yield from branches(part, value)
    for part in node.get("anyOf", []):
        if VALIDATOR.evolve(schema=part).is_valid(value):
            yield from branches(part, value)


def keys_used(node, value):
    """(id of the table's node, key) for every key in `value`."""
    for part in branches(node, value):
        if isinstance(value, dict) and is_table(part):
            for key in value.keys() & part["properties"].keys():
                yield id(part), key
                yield from keys_used(part["properties"][key], value[key])
        if isinstance(value, list) and "items" in part:
            for item in value:
                yield from keys_used(part["items"], item)


def loader_tables():
    """The keys of each table of the loader, from its sources."""
    for path in sorted((ROOT / "src/policy").glob("*.cpp")):
        source = path.read_text(encoding="utf-8")
        found = re.findall(r"KeyRow<\w+>, (\d+)> rows = \{(.*?)\}\};", source, re.DOTALL)
        assert len(found) == len(re.findall(r"> rows\b", source)), f"{path}: a table that is written anew"
        for count, rows in found:
            keys = set(re.findall(r'\{?"(\w+)", ', rows))
            assert len(keys) == int(count), (path, keys)
            yield path.name, keys


def demand_keys():
    """The keys that demand something of an object, from the table of aspects."""
    source = (ROOT / "src/model/aspect.hpp").read_text(encoding="utf-8")
    keys = set(re.findall(r'\{Aspect::\w+,\s*"\w+",\s*"(\w+)"', source))
    return keys - {"presence", "type"}


def properties_of(definition):
    node = SCHEMA["definitions"][definition]
    return node.get("items", node)["properties"]


def keys_of(definition):
    return set(properties_of(definition))


class Schema(cli_test.TestCase):
    cases = corpus.cases()

    @classmethod
    @functools.cache
    def answers(cls):
        """The loader's, one a case."""
        directory = cls.box.work / "cases"
        directory.mkdir()
        for number, case in enumerate(cls.cases):
            (directory / f"{number}.toml").write_bytes(case.text)
        cls.box.run("cd cases; for f in *.toml; do permward validate -p $f -f json -o $f.json; done",
                    timeout=TIMEOUT)
        out = []
        for number in range(len(cls.cases)):
            answer = (directory / f"{number}.toml.json").read_bytes()
            assert not reports.mistakes_in(answer), answer
            out.append(json.loads(answer))
        return out

    def each(self):
        """Every case as a subtest, with the loader's answer and the codes in it."""
        for case, answer in zip(self.cases, self.answers()):
            codes = frozenset(error["code"] for error in answer["errors"])
            yield self.subTest(case.name, where=case.where), case, answer, codes

    def test_the_schema_is_one(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_there_are_cases_enough_and_none_twice(self):
        self.assertGreater(len(self.cases), 200)
        names = [(case.where.partition(":")[0], case.name) for case in self.cases]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(self.cases), len({case.text for case in self.cases}))

    def test_the_schema_accepts_and_refuses_what_is_expected(self):
        for case in self.cases:
            with self.subTest(case.name, where=case.where):
                self.assertEqual(schema_accepts(case.text), case.verdict != "refused")

    def test_the_loader_accepts_and_refuses_what_is_expected(self):
        for subtest, case, answer, codes in self.each():
            with subtest:
                if case.later:
                    self.assertIn(corpus.NOT_IN_THIS_VERSION, codes,
                                  "this is in this version now: take its `later` away")
                else:
                    self.assertEqual(codes, case.codes)
                    self.assertEqual(answer["valid"], case.verdict == "ok")

    def test_what_the_schema_refuses_the_loader_refuses(self):
        for subtest, case, answer, _ in self.each():
            with subtest:
                self.assertTrue(schema_accepts(case.text) or not answer["valid"])

    def test_every_key_of_the_schema_is_used_by_what_both_accept(self):
        used = set()
        for case in self.cases:
            if case.verdict == "ok":
                used.update(keys_used(SCHEMA, read(case.text)))
        for name, node in tables():
            for key in node["properties"]:
                with self.subTest(table=name, key=key):
                    self.assertTrue((id(node), key) in used)

    def test_every_table_of_the_loader_is_one_of_the_schema(self):
        known = [set(node["properties"]) for _, node in tables()]
        found = list(loader_tables())
        self.assertGreater(len(found), 5)
        for path, keys in found:
            with self.subTest(path=path, keys=sorted(keys)):
                self.assertTrue(keys in known or keys | demand_keys() in known)

    def test_what_can_be_demanded_is_the_same_everywhere(self):
        demands = demand_keys()
        self.assertEqual(demands, keys_of("any_of"))
        self.assertEqual(demands - {"default_acl", "entries", "target"}, keys_of("files"))
        self.assertEqual(demands - {"capabilities", "content", "max_links", "target"}, keys_of("directories"))
        self.assertLess(demands, keys_of("rule"))
        self.assertEqual(keys_of("rule") - {"id", "path", "paths"} | {"rule", "disabled"},
                         keys_of("override"))
        for table in ("any_of", "files", "directories", "rule", "override"):
            for key in keys_of(table) - {"rule", "disabled"}:
                self.assertEqual(properties_of(table)[key], {"$ref": f"#/definitions/{key}"}, table)

    def test_waivers_are_of_the_aspects_that_findings_have(self):
        items = SCHEMA["definitions"]["waiver"]["properties"]["aspects"]["items"]
        report = json.loads(reports.SCHEMA.read_text(encoding="utf-8"))
        source = (ROOT / "src/model/aspect.hpp").read_text(encoding="utf-8")
        names = re.findall(r'\{Aspect::\w+,\s*"(\w+)"', source)
        self.assertEqual(items["anyOf"][0]["enum"], names)
        self.assertEqual(report["definitions"]["aspect"]["enum"], names)

    def test_every_code_has_a_case_or_a_story(self):
        source = (ROOT / "src/model/codes.cpp").read_text(encoding="utf-8")
        codes = set(re.findall(r'\{Code::\w+, "([EW]\d{4})"', source))
        self.assertGreater(len(codes), 50)
        shown = {code for *_, found in self.each() for code in found}
        if not any(case.later for case in self.cases):
            codes.discard(corpus.NOT_IN_THIS_VERSION)
        self.assertEqual(codes - shown, OF_NO_TEXT)
        stories = "".join(path.read_text(encoding="utf-8")
                          for path in Path(__file__).parent.glob("stories/*.txt"))
        for code in OF_NO_TEXT:
            self.assertIn(f"[{code}]\n", stories)

    def test_the_shipped_policies_are_what_both_accept(self):
        policies = sorted((ROOT / "policies").glob("*.toml"))
        self.assertGreater(len(policies), 0)
        for path in policies:
            with self.subTest(path=path.name):
                (self.box.work / path.name).write_bytes(path.read_bytes())
                self.assertTrue(schema_accepts(path.read_bytes()))
                status, _, err = self.box.run(f"permward validate -p {path.name}")
                self.assertEqual(status, 0, err)


if __name__ == "__main__":
    cli_test.main()
