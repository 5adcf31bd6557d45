const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const MAX_NAME_LENGTH = 64;
const MAX_LENGTH = 300;

/**
 * A place in JSON, for messages: `$.lines[3].sku`. Names come from strangers' data, so odd ones are quoted, and long ones are cut.
 *
 * @param steps member names and array indexes, outermost first
 */
export function jsonPath(steps: readonly PropertyKey[]): string {
  const path = `$${steps.map(step).join('')}`;
  return path.length <= MAX_LENGTH ? path : `${path.slice(0, MAX_LENGTH)}…`.toWellFormed();
}

function step(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = String(key);
  if (PLAIN_NAME.test(name)) return `.${name}`;
  return `[${JSON.stringify(name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH)}…`)}]`;
}
