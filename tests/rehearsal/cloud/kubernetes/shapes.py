"""What several tests create."""


def about(name="app", **given):
    return {"name": name, "namespace": "jobs", **given}


def deployment(labels=None, selector=None, **pod):
    spec = {"container": [{"name": "c", "image": "i", **pod.pop("container", {})}], **pod}
    template = {"metadata": {"labels": labels or {"app": "app"}}, "spec": spec}
    return {
        "metadata": about(),
        "spec": {"selector": {"match_labels": selector or {"app": "app"}}, "template": template},
    }


def env(kind, name, **given):
    reference = {f"{kind}_key_ref": {"name": name, "key": "password", **given}}
    return {"container": {"env": [{"name": "P", "value_from": reference}]}}


def differences(kubernetes, type_, **attributes):
    """What a second plan changes."""
    read = kubernetes.read(type_, kubernetes.create(type_, **attributes))
    planned = kubernetes.plan(type_, read, **attributes)
    return {name: (read[name], planned[name]) for name in planned if planned[name] != read[name]}
