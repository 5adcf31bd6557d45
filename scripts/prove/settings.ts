import { parseArgs } from 'node:util';
import type { Size } from './explore.ts';
import { FAMILY_NAMES, type FamilyName } from './families.ts';

/** What the command line asks for. */
export interface Settings extends Size {
  readonly families: readonly FamilyName[];
  readonly json: string | undefined;
  readonly replay: string | undefined;
  /** The ids of the mutants to be hunted; empty for all of the engine, undefined for none. */
  readonly mutants: readonly string[] | undefined;
}

/** The sizes of one command. */
const SIZES: Readonly<Record<string, Pick<Size, 'faults' | 'seeds'>>> = {
  quick: { faults: 1, seeds: 300 },
  nightly: { faults: 1, seeds: 20_000 },
  release: { faults: 2, seeds: 100_000 },
};

/**
 * Reads the options of `npm run prove`.
 * @throws Error where they make no sense
 */
export function settingsOf(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: 'quick' },
      seeds: { type: 'string' },
      faults: { type: 'string' },
      'first-seed': { type: 'string', default: '1' },
      'most-schedules': { type: 'string', default: 'Infinity' },
      families: { type: 'string', default: FAMILY_NAMES.join(',') },
      json: { type: 'string' },
      replay: { type: 'string' },
      mutants: { type: 'string' },
    },
  });
  const size = SIZES[values.size];
  if (size === undefined) throw new Error(`--size ${values.size}: there are ${Object.keys(SIZES).join(', ')}`);
  return {
    faults: numberOf('faults', values.faults ?? String(size.faults)),
    seeds: numberOf('seeds', values.seeds ?? String(size.seeds)),
    fromSeed: numberOf('first-seed', values['first-seed']),
    mostSchedules: numberOf('most-schedules', values['most-schedules']),
    families: values.families.split(',').map(familyOf),
    json: values.json,
    replay: values.replay,
    mutants: values.mutants === undefined ? undefined : values.mutants.split(',').filter((id) => id !== '' && id !== 'all'),
  };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text === '' || Number.isNaN(number)) throw new Error(`--${name} ${text} is no number`);
  return number;
}

function familyOf(name: string): FamilyName {
  const found = FAMILY_NAMES.find((each) => each === name);
  if (found === undefined) throw new Error(`--families ${name}: there are ${FAMILY_NAMES.join(', ')}`);
  return found;
}
