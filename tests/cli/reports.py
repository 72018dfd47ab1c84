# SPDX-License-Identifier: Apache-2.0
"""Whether what the program writes for programs is what policies/permward-report.schema.json says.

Readers ignore members that they do not know. Here an unknown one is a mistake: either the schema has
forgotten it, or nobody was to write it.
"""

import json
from pathlib import Path

import sandbox

try:
    import jsonschema
except ImportError:
    sandbox.skip("needs python3-jsonschema")

SCHEMA = Path(__file__).resolve().parents[2] / "policies" / "permward-report.schema.json"


def closed(schema):
    """The schema, with no further member allowed in any object that it describes."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: closed(value) for key, value in schema.items()}
    if out.get("type") == "object" and "properties" in out:
        out.setdefault("additionalProperties", False)
    return out


def make_validator():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(closed(schema))


VALIDATOR = make_validator()


def parsed(text):
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def reports_in(output):
    """The documents and lines of a whole report; none where it is something else, or a part of one."""
    if not output.lstrip().startswith(b"{"):
        return []
    document = parsed(output)
    values = [document] if document else [parsed(line) for line in output.splitlines()]
    if any(value is None or not {"format_version", "event"} & value.keys() for value in values):
        return []
    return values


def mistakes_in(output):
    """What is wrong with the reports that `output`, bytes, is made of."""
    out = []
    for report in reports_in(output):
        for error in VALIDATOR.iter_errors(report):
            best = jsonschema.exceptions.best_match([error])
            out.append(f"{best.json_path}: {best.message[:300]}")
    return out
