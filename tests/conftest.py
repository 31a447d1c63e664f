"""The order of the tests."""

import pytest

from superposition.base.environment import ignore_others

ignore_others()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the workflow: it takes longest, and the other files fit beside it."""
    items.sort(key=lambda item: item.path.name != "test_workflow.py")
