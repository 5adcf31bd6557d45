import { createSemel, type Guarantee, type StandardSchema, topic } from 'semel';
import { type ProofReport, proveOnce } from 'semel/prove';
import { type MemoryStore, memory } from 'semel/testing';
import { describe, expect, it } from 'vitest';
import { charge, type Ledger, type Payment } from './ledger.ts';
import { payments } from './payments.ts';

const schema: StandardSchema<Payment> = { '~standard': { version: 1, vendor: 'demo', validate: (value) => ({ value: value as Payment }) } };
const topicOfPayments = topic('payments', { schema, id: (payment) => payment.id });

/** The demo's handler, with the charge made beside any transaction, in the order in which a naive loop acknowledges. */
async function proveNaive(guarantee: Guarantee): Promise<ProofReport> {
  const charged: string[] = [];
  const ledger = { autocommit: undefined, insert: async (_tx: unknown, { id }: Payment) => void charged.push(id) } as Partial<Ledger<unknown>> as Ledger<unknown>;
  const store: MemoryStore = memory();
  const semel = createSemel({ name: 'shop', store });
  const consumer = semel.consume(topicOfPayments, { name: 'charge', guarantee }, ({ message }) => charge(ledger, ledger.autocommit, message.data));
  return proveOnce({ store, consumer, messages: payments(2), effect: () => charged });
}

describe('the naive loops, as consumers', () => {
  it('acknowledge first: a payment is lost', async () => {
    const report = await proveNaive('at-most-once');
    expect(report.verdict).toBe('refuted');
    expect(`${report}`).toContain("lost-effect: effects: 0 × 'P000001' instead of 1");
  });

  it('acknowledge after: a payment is charged twice', async () => {
    const report = await proveNaive('at-least-once');
    expect(report.verdict).toBe('refuted');
    expect(`${report}`).toContain("repeated-effect: effects: 2 × 'P000001' instead of 1");
  });

  it('with a record of what was handled, but the charge outside its transaction: charged twice, and the place is named', async () => {
    const report = await proveNaive('exactly-once');
    expect(report.violations[0]).toMatchObject({ kind: 'outside-transaction', site: expect.stringMatching(/naive-workers\.test\.ts:\d+$/) });
    expect(`${report}`).toContain('worker 1 dies after the handler has returned; what it has not committed is gone');
  });
});
