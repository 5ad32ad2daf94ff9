"""The stored lines of all chains. Triggers refuse to change or delete one, and the application's role may not."""

from django.db import models

from .chain import Head, Line


class LedgerLine(models.Model):
    """One line; see `chain.Line` for what its columns mean."""

    chain_id = models.BigIntegerField()
    seq = models.IntegerField()
    event = models.TextField()
    step = models.TextField(null=True)
    unit_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    record_table = models.TextField(null=True)
    record_id = models.BigIntegerField(null=True)
    content = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_line"
        constraints = (models.UniqueConstraint(fields=["chain_id", "seq"], name="ledger_line_of_chain"),)

    @classmethod
    def of(cls, line: Line) -> "LedgerLine":
        table, row = line.record or (None, None)
        return cls(
            chain_id=line.chain_id,
            seq=line.seq,
            event=line.event,
            step=line.step,
            unit_id=line.unit_id,
            actor=line.actor,
            at=line.at,
            recorded_at=line.recorded_at,
            record_table=table,
            record_id=row,
            content=line.content,
            previous=line.previous,
            hash=line.hash(),
        )

    def line(self) -> Line:
        no_record = self.record_table is None and self.record_id is None
        # Half a name must not pass for none: it was never written so, and the hash shall say it.
        record = None if no_record else (self.record_table or "", self.record_id or 0)
        return Line(
            chain_id=self.chain_id,
            seq=self.seq,
            event=self.event,
            step=self.step,
            unit_id=self.unit_id,
            actor=self.actor,
            at=self.at,
            recorded_at=self.recorded_at,
            record=record,
            content=bytes(self.content),
            previous=bytes(self.previous),
        )

    def head(self) -> Head:
        return Head(self.seq, bytes(self.hash))
