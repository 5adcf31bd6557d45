import { SemelError } from '../../../core/errors.ts';
import type { TransactionHandle } from '../transaction-handle.ts';

type Method = (...args: readonly unknown[]) => unknown;

/** A client within a transaction, as far as the guard looks into it. */
interface InteractiveClient {
  $transaction(body: (inner: object) => unknown, options: unknown): Promise<unknown>;
}

/** Prisma's client of a transaction, of which every use goes through the handle: all that it offers, typed as it is. */
export function guarded<Client extends object>(client: Client, handle: TransactionHandle): Client {
  return through(client, (name, member) => {
    if (name === '$transaction') return (body: unknown, options: unknown) => nested(client as unknown as InteractiveClient, handle, body, options);
    if (typeof member === 'function') return (...args: unknown[]) => operation((member as Method).apply(client, args), handle, textOf(name, args[0]));
    return typeof member === 'object' && member !== null ? operations(member, handle) : member;
  });
}

/** A model, with what can be done to it. */
function operations<Target extends object>(target: Target, handle: TransactionHandle): Target {
  return through(target, (_, member) => (typeof member === 'function' ? (...args: unknown[]) => operation((member as Method).apply(target, args), handle) : member));
}

/** What Prisma runs once it is awaited. A relation of its result is another operation. */
function operation(promise: unknown, handle: TransactionHandle, text?: string): unknown {
  if (typeof promise !== 'object' || promise === null || !('then' in promise)) return promise;
  let running: Promise<unknown> | undefined;
  const run = () => (running ??= handle.run(text, () => promise as Promise<unknown>));
  return through(promise, (name, member) => {
    if (typeof member !== 'function') return member;
    if (name === 'then' || name === 'catch' || name === 'finally') return (...args: unknown[]) => (run()[name] as Method).apply(run(), args);
    return (...args: unknown[]) => operation((member as Method).apply(promise, args), handle);
  });
}

/** A savepoint. A list of operations would run in a transaction of their own, and be committed whatever becomes of this one. */
async function nested(client: InteractiveClient, handle: TransactionHandle, body: unknown, options: unknown): Promise<unknown> {
  if (typeof body !== 'function')
    throw new SemelError('transaction-control', 'tx.$transaction([…]) is refused: Prisma runs it outside of tx. Give it a function, or await each operation');
  return handle.run('savepoint', () => client.$transaction((inner) => body(guarded(inner, handle)), options));
}

/** The object, with its members as `view` has them. */
function through<Target extends object>(target: Target, view: (name: string | symbol, member: unknown) => unknown): Target {
  return new Proxy(target, { get: (_, name) => view(name, Reflect.get(target, name)) });
}

/** The SQL of a raw query, in whichever form it was given. */
function textOf(method: string | symbol, query: unknown): string | undefined {
  if (typeof method !== 'string' || !/^\$(query|execute)Raw/.test(method)) return undefined;
  if (Array.isArray(query)) return query.join(' ');
  return typeof query === 'string' ? query : (query as { readonly sql?: string } | undefined)?.sql;
}
