import { SemelError } from './errors.ts';

/** Comments and blanks, strings and quoted names, words, and the semicolon: all that telling statements apart needs. */
const TOKEN = /--[^\n]*|\$(\w*)\$[\s\S]*?\$\1\$|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}_][\p{L}\p{N}_$]*|;/gu;

const REFUSED = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ABORT', 'ATTACH', 'DETACH']);

const SAVEPOINT = new Set(['SAVEPOINT', 'RELEASE', 'ROLLBACK']);

/** Semel's own savepoints. */
const RESERVED = /^semel_/i;

/**
 * Refuses statements that would begin or end the transaction, before they run; savepoints of other names are the user's.
 * @throws SemelError `transaction-control`
 */
export function refuseTransactionControl(sql: string): void {
  for (const statement of statementsOf(sql)) check(statement);
}

/**
 * Refuses savepoints of any name, where handlers run at once: to roll back to one's own would undo what a neighbour wrote after it.
 * @throws SemelError `transaction-control`
 */
export function refuseSavepoints(sql: string): void {
  for (const statement of statementsOf(sql)) {
    const word = wordOf(statement);
    if (SAVEPOINT.has(word))
      throw new SemelError('transaction-control', `${word} is refused in a concurrent group: it would undo what its neighbours write into the same transaction`);
  }
}

function* statementsOf(sql: string): Generator<readonly string[]> {
  let statement: string[] = [];
  for (const token of tokens(sql)) {
    if (token !== ';' || withinTrigger(statement)) statement.push(token);
    else {
      yield statement;
      statement = [];
    }
  }
  yield statement;
}

function wordOf(statement: readonly string[]): string {
  return statement[0]?.toUpperCase() ?? '';
}

function* tokens(sql: string): Generator<string> {
  for (const [token] of sql.matchAll(TOKEN)) {
    if (!token.startsWith('--') && !token.startsWith('/*')) yield token;
  }
}

/** The body of a trigger holds statements; it is over at an END that follows a semicolon. */
function withinTrigger(statement: readonly string[]): boolean {
  const [first, second, third] = statement.map((token) => token.toUpperCase());
  const trigger = first === 'CREATE' && (second === 'TRIGGER' || ((second === 'TEMP' || second === 'TEMPORARY') && third === 'TRIGGER'));
  return trigger && !(statement.at(-1)?.toUpperCase() === 'END' && statement.at(-2) === ';');
}

function check(statement: readonly string[]): void {
  const word = wordOf(statement);
  const rollback = word === 'ROLLBACK' && !statement.some((token) => token.toUpperCase() === 'TO');
  const twoPhase = word === 'PREPARE' && statement[1]?.toUpperCase() === 'TRANSACTION';
  if (REFUSED.has(word) || rollback || twoPhase) throw new SemelError('transaction-control', `${word} is refused here: the transaction also holds Semel's record`);
  if (!SAVEPOINT.has(word)) return;
  if (statement.slice(1).some((token) => RESERVED.test(token.replace(/^["'`[]/, ''))))
    throw new SemelError('transaction-control', 'savepoint names that start with semel_ are reserved');
}
