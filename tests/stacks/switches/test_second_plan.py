"""What is switched off is not there, the second plan changes nothing, and a destroy leaves nothing."""

from rehearsal.run import seed
from tests.stacks.test_second_plan import deployment_of, found


def test_deployed_planned_again_and_destroyed(off, tmp_path):
    deployment = deployment_of(off, tmp_path)
    before = seed.left(deployment.cloud)
    deployment.deploy()
    assert deployment.changes() == []
    assert found(deployment.cloud) == []
    deployment.destroy()
    assert seed.left(deployment.cloud) == before


def test_without_argo_and_jobset_nothing_of_them_is_there(without, tmp_path):
    deployment = deployment_of(without["any"], tmp_path)
    deployment.deploy()
    assert not [key for key in seed.left(deployment.cloud) if key.kind == "helm_release" or "argo" in key.id]
