"""What changed between two states of a flow, in words."""

import copy

from riverstage.operations import changes_between


def test_stages_links_comments_and_settings(tree):
    before = tree()
    after = copy.deepcopy(before)
    nodes = after["pipelines"][0]["nodes"]
    nodes[0]["parameters"]["records"] = 1
    nodes[1]["inputs"][0]["links"][0]["link_name"] = "Rows_to_Peek"
    nodes.append({"id": "new", "app_data": {"ui_data": {"label": "Sort"}}})
    after["pipelines"][0]["app_data"]["ui_data"]["comments"] = [{"id": "c", "content": "hi"}]
    after["pipelines"][0]["description"] = "other"
    after["parameters"] = {"local_parameters": [1]}
    after["app_data"] = {"x": 1}
    assert changes_between(before, after) == (
        "stage 'Rows' was changed, stage 'Sort' was added, link 'Link_1' was renamed to 'Rows_to_Peek', "
        "comment 'hi' was added, the description was changed, parameters were changed, "
        "settings of the flow were changed"
    )
    assert changes_between(after, before).startswith("stage 'Rows' was changed, stage 'Sort' was removed")


def test_more_than_eight_changes_are_counted(tree):
    before = tree()
    after = copy.deepcopy(before)
    after["pipelines"][0]["nodes"] += [{"id": str(n), "app_data": {"ui_data": {"label": f"S{n}"}}} for n in range(12)]
    assert changes_between(before, after).endswith("stage 'S7' was added and 4 more")


def test_nothing_that_people_see(tree):
    assert changes_between(tree(), dict(reversed(tree().items()))) == "only the order or the spelling of the file"
    assert changes_between(tree(), {**tree(), "other": 1}) == "something beside stages and links"
