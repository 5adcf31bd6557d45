import type { Guarantee } from '../../core/guarantee.ts';
import type { Scenario } from './scenario.ts';
import type { ViolationKind } from './violation.ts';

const BUG = 'If the handler does nothing of this kind, it is a bug of Semel: please report it with the seed.';

/** What the cause of a violation probably is, and what to do. */
export function hintOf(kind: ViolationKind, { fault, step }: Pick<Scenario, 'fault' | 'step'>, guarantee: Guarantee): string {
  if (guarantee === 'at-least-once' && kind.startsWith('repeated'))
    return "This consumer handles at least once: nothing records that it did. Leave `guarantee` out, and write with the handler's `tx`.";
  if (guarantee === 'at-most-once' && kind.startsWith('lost'))
    return "This consumer lets go of a message before it handles it: what dies in between is lost. Leave `guarantee` out, and write with the handler's `tx`.";
  switch (kind) {
    case 'outside-transaction':
    case 'repeated-effect':
      return 'The handler writes with another client than the `tx` that it is given: a connection of its own, a pool, a file, a service. Write with `tx`; make a store of your ORM with its own client (`fromDrizzle`, `fromKysely`, …), so that `tx` is what its code expects; call services from a consumer with `group: false`, under `idempotencyKey`.';
    case 'lost-effect':
    case 'changed-effect':
      return fault === 'throw' && step !== 'handled'
        ? `The handler caught an error and went on, so the message counts as handled. Let the error reach Semel, which tries again. ${BUG}`
        : `Something that outlives the rollback tells the handler that it ran before: a set or a cache in memory, a row written outside \`tx\`. ${BUG}`;
    case 'lost-publish':
      return `The handler caught the error of a publish and went on. Let it reach Semel, which tries again. ${BUG}`;
    case 'repeated-publish':
      return `A publish outside the transaction: use the handler's own \`publish\`. ${BUG}`;
    case 'unstable-id':
      return 'The id of what is published is made anew in each run, so after a redrive or a replay nobody downstream can know it for the same. Leave `id` out, or make it from the data of the message.';
    case 'buried':
      return 'The handler caught an error and went on, or made another of it that no retry can mend. After a statement that failed Postgres keeps nothing of a transaction, whatever is caught. Let the error reach Semel, which tries again.';
    case 'wrong-record':
      return 'This is a bug of Semel: please report it with the seed.';
    case 'stuck':
      return `A rerun of the handler fails although nothing is wrong any more: something of the run before was left outside \`tx\`. ${BUG}`;
  }
}
