/**
 * A worker's process of `semel prove`: `worker-main.ts <address of the module> <export> <unique> <folder>`. It handles what its parent sends it, until that
 * kills it or is gone.
 */
import { SemelError } from '../../core/errors.ts';
import { systemRuntime } from '../../core/runtime.ts';
import { type ProveOptions, proofSettings } from '../once/prove-options.ts';
import { Subject } from '../once/subject.ts';
import { Desk } from './desk.ts';
import { type FromWorker, sentError, type ToWorker } from './protocol.ts';

process.on('disconnect', () => process.exit(0));

const [module, name, unique, folder] = process.argv.slice(2) as [string, string, string, string];
const say = (message: FromWorker) => void process.send?.(message);

try {
  const { [name]: options } = (await import(module)) as Readonly<Record<string, ProveOptions<unknown>>>;
  const subject = new Subject(proofSettings(options as ProveOptions<unknown>, { folder }), { unique, runtime: systemRuntime });
  const { store } = subject.engine;
  await store.open(subject.engine);
  if ((await store.registry.list()).every((subscription) => subscription.name !== subject.consumer.name))
    throw new SemelError('bad-option', 'in a process of its own `store` gives another database: take a fixed address, or the folder that `store` is told of');
  const desk = new Desk(subject, say);
  process.on('message', (message) => desk.hear(message as ToWorker));
  desk.start();
  say({ kind: 'ready' });
} catch (error) {
  process.send?.({ kind: 'unfit', error: sentError(error) } satisfies FromWorker, () => process.exit(1));
}
