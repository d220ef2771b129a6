"""An audit that could not be made is not one that found nothing."""

from benchmarks import audit

FAULT = {"id": "CVE-1", "fix_versions": ["2.0"]}


def package(name, *faults):
    return {"name": name, "version": "1.0", "vulns": list(faults)}


SKIPPED = {"name": "unknown", "skip_reason": "not found"}


def test_where_nothing_was_looked_up_it_is_said(monkeypatch, capsys):
    for answer in ([], [SKIPPED]):
        monkeypatch.setattr(audit, "ask", lambda service, answer=answer: answer)
        assert audit.main() == audit.NOT_AUDITED
        assert capsys.readouterr().out.startswith("Nothing was audited")


def test_faults_are_named_with_what_mends_them():
    sentences, status = audit.report([package("good"), package("bad", FAULT), SKIPPED])
    assert status == audit.VULNERABLE
    assert "bad 1.0: CVE-1, mended in 2.0" in sentences
    assert "2 packages were looked up, 1 known" in sentences[0]
    assert "unknown" in sentences[-1]


def test_only_a_whole_audit_is_a_clean_one():
    assert audit.report([package("good")])[1] == audit.CLEAN
    assert audit.report([package("good"), SKIPPED])[1] == audit.NOT_AUDITED
