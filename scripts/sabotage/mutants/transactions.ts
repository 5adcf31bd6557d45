import type { Mutant } from '../mutant.ts';
import { CONSUMER, CORE, SQLITE, STORE_SUITE, testsOf } from './where.ts';

/** Bugs of the transaction that effect, record and messages share. */
export const TRANSACTION_MUTANTS: readonly Mutant[] = [
  {
    id: 'messages-in-a-second-transaction',
    trap: 'the dual write: a crash between the two commits loses the messages of a handler',
    file: `${SQLITE}/sqlite-session.ts`,
    from: `    const { connection, deferred } = this.#open;
    writeMessages(connection, deferred, this.#file.nowMs);
    deferred.length = 0;
  }

  async settle(entries: readonly Entry[]): Promise<void> {
    const { connection, items } = this.#open;
    settleEntries(connection, this.#subscription(), items, entries, this.#file.nowMs);
`,
    to: `    const { connection, deferred, items } = this.#open;
    if (items.length > 0) return;
    writeMessages(connection, deferred, this.#file.nowMs);
    deferred.length = 0;
  }

  async settle(entries: readonly Entry[]): Promise<void> {
    const { connection, deferred, items } = this.#open;
    settleEntries(connection, this.#subscription(), items, entries, this.#file.nowMs);
    connection.run('commit');
    connection.run('begin immediate');
    writeMessages(connection, deferred, this.#file.nowMs);
    deferred.length = 0;
`,
    tests: testsOf(`${SQLITE}/sqlite-store.test.ts`),
  },
  {
    id: 'record-in-a-second-transaction',
    trap: 'the dual write: a crash between the two commits repeats the effect',
    file: `${SQLITE}/sqlite-session.ts`,
    from: '    settleEntries(connection, this.#subscription(), items, entries, this.#file.nowMs);\n',
    to: `    connection.run('commit');
    connection.run('begin immediate');
    settleEntries(connection, this.#subscription(), items, entries, this.#file.nowMs);
`,
    tests: testsOf(`${SQLITE}/sqlite-store.test.ts`),
  },
  {
    id: 'acknowledged-before-commit',
    trap: '24: the broker forgets the message before its effect is durable',
    file: `${CONSUMER}/worker.ts`,
    from: '      const outcomes = await this.#work.process(',
    to: `      await this.#settle(
        deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })),
        lease,
      );
      const outcomes = await this.#work.process(`,
    tests: testsOf(`${CONSUMER}/worker.test.ts`),
  },
  {
    id: 'failure-committed-with-its-group',
    trap: '41: what a failed handler wrote is committed with its neighbours',
    file: `${CORE}/commit-group.ts`,
    from: 'await this.#session.rollbackToSavepoint();',
    to: 'await this.#session.releaseSavepoint();',
    tests: STORE_SUITE,
  },
  {
    id: 'group-blamed-for-one',
    trap: '51: the failure of one is counted against its whole group',
    file: `${CORE}/commit-group.ts`,
    from: 'if (culprit !== undefined) condemn(culprit, end.error, condemned);',
    to: 'if (culprit !== undefined) for (const work of works) condemn(work, end.error, condemned);',
    tests: STORE_SUITE,
  },
  {
    id: 'rerun-on-changed-data',
    trap: '41: a handler that runs again for a neighbour’s sake meets what it made of its data before',
    file: `${CONSUMER}/inside.ts`,
    from: 'runs++ === 0 ? job : {',
    to: 'runs++ >= 0 ? job : {',
    tests: { files: ['packages/semel/test/hard-cases.test.ts'], named: 'a handler that runs again' },
  },
  {
    id: 'first-blamed-for-commit',
    trap: '47: an error at COMMIT is laid on the first of the group',
    file: `${CORE}/commit-group.ts`,
    from: 'if (unexplained && works.length > 1)',
    to: 'if (unexplained && works.length > 100)',
    tests: testsOf(`${CORE}/commit-group.test.ts`),
  },
  {
    id: 'tx-not-revoked',
    trap: '48: a forgotten await writes into a neighbour’s turn',
    file: `${CORE}/commit-group.ts`,
    from: '    scope.revoke();\n',
    to: '',
    tests: STORE_SUITE,
  },
  {
    id: 'end-of-transaction-unseen',
    trap: '44: SQLite ended the transaction by itself, and what follows commits without its record',
    file: `${SQLITE}/transaction-handle.ts`,
    from: '    if (!this.statements.database.isTransaction) throw',
    to: "    if (this.statements.path === '') throw",
    tests: testsOf(`${SQLITE}/transaction-handle.test.ts`),
  },
  {
    id: 'handler-may-commit',
    trap: '42: a handler commits the transaction itself, and its record is in another',
    file: `${CORE}/sql-guard.ts`,
    from: "'COMMIT', 'END', ",
    to: '',
    tests: testsOf(`${CORE}/sql-guard.test.ts`),
  },
  {
    id: 'begin-deferred',
    trap: '22: a transaction that begins to write while another does fails at once, instead of waiting',
    file: `${SQLITE}/writer.ts`,
    from: "run('begin immediate')",
    to: "run('begin')",
    tests: testsOf(`${SQLITE}/writer.test.ts`),
  },
  {
    id: 'repeat-runs-twice',
    trap: '55: two messages of one identity in one batch have two effects',
    file: `${CORE}/group-plan.ts`,
    from: '      if (earlier === undefined) first.set(key, item);\n      else this.#repeats.set(item, earlier);\n',
    to: '      first.set(key, earlier ?? item);\n',
    tests: STORE_SUITE,
  },
  {
    id: 'repeat-acknowledged-early',
    trap: '55: the second of one identity is acknowledged although the first failed',
    file: `${CORE}/group-plan.ts`,
    from: 'if (!isKept(verdict)) this.#hold(item, false);\n    else if',
    to: 'if',
    tests: STORE_SUITE,
  },
  {
    id: 'unknown-taken-for-aborted',
    trap: '50: a commit that may still be running is taken for undone',
    file: `${CORE}/commit-resolved.ts`,
    from: "kind: fate === 'aborted' ? 'released' : 'unknown'",
    to: "kind: fate === 'aborted' ? 'released' : 'released'",
    tests: testsOf(`${CONSUMER}/processor.test.ts`),
  },
  {
    id: 'lost-reply-taken-for-aborted',
    trap: '19: a transaction that was committed is reported as undone, and run again by its caller',
    file: `${CORE}/commit-resolved.ts`,
    from: "if (fate === 'committed') return [];",
    to: '',
    tests: testsOf(`${CORE}/commit-resolved.test.ts`),
  },
  {
    id: 'open-fate-taken-for-aborted',
    trap: '50: a transaction whose fate is open is reported as undone, and run again by its caller',
    file: `${CORE}/commit-resolved.ts`,
    from: "if (fate === 'unknown') throw error;",
    to: '',
    tests: testsOf(`${CORE}/commit-resolved.test.ts`),
  },
  {
    id: 'half-asked-for-as-whole',
    trap: '50: of a half whose reply was lost the fate of its group is asked, which no server knows',
    file: `${CORE}/commit-resolved.ts`,
    from: "typeof unit === 'string' ? unit : options.unit",
    to: "typeof unit === 'string' ? options.unit : options.unit",
    tests: testsOf(`${CORE}/commit-resolved.test.ts`),
  },
  {
    id: 'halves-share-a-unit',
    trap: '50: the fate of one half of a group is told of the other',
    file: `${CORE}/commit-group.ts`,
    from: '.2`, session, rest',
    to: '.1`, session, rest',
    tests: testsOf(`${CORE}/commit-group.test.ts`),
  },
  {
    id: 'key-runs-at-once',
    trap: '45: messages of one key run at once where works do, and lose updates',
    file: `${CORE}/commit-group.ts`,
    from: 'if (!this.#options.ordered) return this.#works.map(',
    to: 'if (this.#works.length > 0) return this.#works.map(',
    tests: testsOf(`${CORE}/commit-group.test.ts`),
  },
  {
    id: 'run-blind',
    trap: '19: after a lost reply the transaction is run again without a look',
    file: `${CORE}/commit-resolved.ts`,
    from: 'const fate = await resolve(store, typeof unit',
    to: 'if (works.length > 0) return commit(options.unit);\n    const fate = await resolve(store, typeof unit',
    tests: testsOf(`${CORE}/commit-resolved.test.ts`),
  },
  {
    id: 'at-most-once-runs-first',
    trap: 'at most once: the handler runs before its record is durable, so that a crash repeats it',
    file: `${CONSUMER}/outside.ts`,
    from: `    const claimed = await this.#settle(jobs, jobs.map(claimable), { probing: false });
    const begun = jobs.filter((_job, index) => claimed[index]?.kind === 'done');
    const results = await this.#handleAll(begun, bounds);
`,
    to: `    const known = await Promise.all(jobs.map(({ item }) => this.#engine.store.inbox.get(this.#consumer.name, item.message ?? { source: '', id: '' })));
    const begun = jobs.filter((_job, index) => known[index] === undefined);
    const results = await this.#handleAll(begun, bounds);
    const claimed = await this.#settle(jobs, jobs.map(claimable), { probing: false });
`,
    tests: 'crash suite',
  },
  {
    id: 'at-least-once-settles-first',
    trap: 'at least once: settled before its handler has run, so that a crash loses it',
    file: `${CONSUMER}/outside.ts`,
    from: 'const verdicts = await this.#settle(due, await this.#handleAll(due, bounds), { probing: bounds.probing });',
    to: `const verdicts = await this.#settle(due, due.map(claimable), { probing: bounds.probing });
    await this.#handleAll(due, bounds);`,
    tests: testsOf(`${CONSUMER}/processor.test.ts`),
  },
];
