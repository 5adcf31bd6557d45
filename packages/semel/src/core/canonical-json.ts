import { type ErrorCode, SemelError } from './errors.ts';
import { jsonPath } from './json-path.ts';

/** How deep arrays and objects may nest in data, unless a limit says otherwise. */
export const MAX_JSON_DEPTH = 64;

/** Text that stands in JSON as it is: most of it, and cheaper to recognise than to escape. */
const PLAIN_TEXT = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * The one text of a JSON value (RFC 8785, JCS): members sorted by UTF-16 code units, no white space, numbers as ECMAScript prints
 * them. Equal values have equal texts, so a fingerprint of the text is a fingerprint of the value.
 *
 * As with `JSON.stringify`, `toJSON` is honoured, undefined members are left out, and undefined in an array is null. What JSON
 * cannot carry is refused instead of dropped.
 *
 * @param maxDepth how deep arrays and objects may nest; @default 64
 * @throws SemelError `not-json` (undefined, functions, symbols, bigints, NaN, infinities, lone surrogates, cycles, and objects such as
 *   a Map or a Promise that would come out empty), `too-deep`, `forbidden-member` (`__proto__`); each names the path
 */
export function canonicalJson(value: unknown, maxDepth: number = MAX_JSON_DEPTH): string {
  const json = write(value, '', { container: undefined, step: '', depth: 0, maxDepth, parent: undefined });
  if (json === undefined) throw new SemelError('not-json', 'the value is undefined, which JSON cannot carry');
  return json;
}

/** A container on the way down; together they are the path, and show a cycle. */
interface Place {
  readonly container: object | undefined;
  readonly step: PropertyKey;
  readonly depth: number;
  readonly maxDepth: number;
  readonly parent: Place | undefined;
}

/** The text of a value; undefined for undefined, which its container leaves out. */
function write(value: unknown, step: PropertyKey, place: Place): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value, step, place);
    case 'number':
      // String() prints as RFC 8785 asks, -0 as 0 included: both follow ECMAScript.
      return Number.isFinite(value) ? String(value) : refuse('not-json', `is ${value}, which JSON cannot carry`, step, place);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : writeObject(value, step, place);
    case 'undefined':
      return undefined;
    default:
      return refuse('not-json', `is a ${typeof value}, which JSON cannot carry`, step, place);
  }
}

function writeObject(value: object, step: PropertyKey, place: Place): string | undefined {
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') {
    const plain: unknown = toJSON.call(value, String(step));
    return typeof plain === 'object' && plain !== null ? writeContainer(plain, step, place) : write(plain, step, place);
  }
  return writeContainer(value, step, place);
}

function writeContainer(container: object, step: PropertyKey, parent: Place): string {
  const place: Place = { container, step, depth: parent.depth + 1, maxDepth: parent.maxDepth, parent };
  if (place.depth > place.maxDepth) refuseDepth(place);
  return Array.isArray(container) ? writeArray(container, place) : writeMembers(container as Record<string, unknown>, place);
}

function writeArray(items: readonly unknown[], place: Place): string {
  let json = '[';
  for (let index = 0; index < items.length; index++) json += `${index === 0 ? '' : ','}${write(items[index], index, place) ?? 'null'}`;
  return `${json}]`;
}

function writeMembers(object: Readonly<Record<string, unknown>>, place: Place): string {
  const names = sortedNames(object);
  if (names.length === 0) refuseHollow(object, place);
  let json = '{';
  for (const name of names) {
    if (name === '__proto__') refuse('forbidden-member', 'is a name that can change what a program does', name, place);
    const member = write(object[name], name, place);
    if (member !== undefined) json += `${json.length === 1 ? '' : ','}${quote(name, name, place)}:${member}`;
  }
  return `${json}}`;
}

/** Most objects have few members, often in order: inserting each into its place takes half the time of `sort`. */
function sortedNames(object: object): readonly string[] {
  const names = Object.keys(object);
  if (names.length > FEW_NAMES) return names.sort();
  for (let index = 1; index < names.length; index++) {
    const name = names[index] as string;
    let place = index;
    for (; place > 0 && (names[place - 1] as string) > name; place--) names[place] = names[place - 1] as string;
    names[place] = name;
  }
  return names;
}

const FEW_NAMES = 16;

function quote(text: string, step: PropertyKey, place: Place): string {
  if (PLAIN_TEXT.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) refuse('not-json', 'holds half of a surrogate pair, which is no Unicode text', step, place);
  return JSON.stringify(text);
}

/** A Map, a Set, a Promise whose await was forgotten: none has members, and all of them would share one text. */
function refuseHollow(object: object, place: Place): void {
  const tag = Object.prototype.toString.call(object).slice('[object '.length, -1);
  if (tag !== 'Object') throw refusal('not-json', `is a ${tag}, which JSON cannot carry`, place);
}

function refuseDepth(place: Place): never {
  const below = new Set<object>();
  let loop: Place | undefined;
  for (let at: Place | undefined = place; at?.container !== undefined; at = at.parent) {
    if (below.has(at.container)) loop = at;
    below.add(at.container);
  }
  if (loop !== undefined) throw refusal('not-json', 'contains itself', loop);
  throw refusal('too-deep', `nests deeper than ${place.maxDepth} levels`, place);
}

function refuse(code: ErrorCode, reason: string, step: PropertyKey, parent: Place): never {
  throw refusal(code, reason, { ...parent, step, parent });
}

function refusal(code: ErrorCode, reason: string, place: Place): SemelError {
  const steps: PropertyKey[] = [];
  for (let at: Place = place; at.parent !== undefined; at = at.parent) steps.unshift(at.step);
  const path = jsonPath(steps.slice(1));
  return new SemelError(code, `${path} ${reason}`, { details: { path } });
}
