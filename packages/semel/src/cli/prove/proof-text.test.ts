import { expect, test } from 'vitest';
import { proofOf, VIOLATION } from './proof-fixture.ts';
import { proofText } from './proof-text.ts';

test('says what was done, where, and what that says', () => {
  expect(proofText(proofOf())).toBe(`pay<ments on sqlite: proven (3 trials with 3 processes, 1.2 s, seed 7)

3 processes were killed, and 3 stopped for longer than their lease; messages came twice: later.

AT          WHICH IS        KILLED  STOPPED  VIOLATIONS
committing  before COMMIT   1 of 1        -           0
any moment  wherever it is       -   1 of 1           0

0 violations in 3 trials, so fewer than 3/3 (100 %) of such trials go wrong, at 95 %.

Control: without the record that a message was handled, a redelivery made the effect twice: duplicates are seen.
`);
});

test('tells of each kind of violation once in full', () => {
  const text = proofText(proofOf([VIOLATION, { ...VIOLATION, step: 'staged' }]));
  expect(text).toContain(`outside-transaction: the effect was there although its transaction had been rolled back
  when: kill at committing; also kill at staged
  what happened:
     1. worker 1 is given <A1>, B7
     2. worker 1 is killed (SIGKILL) before COMMIT
  what to do: Write with \`tx\`.
`);
  expect(text).not.toContain('at 95 %');
});

test('what a stranger wrote cannot command the terminal', () => {
  const { facts, ...rest } = proofOf();
  expect(proofText({ ...rest, facts: { ...facts, notes: ['\x1b[2J'] } })).toContain('\\x1b[2J');
});
