import { parseArgs } from 'node:util';
import type { Size } from './explore.ts';
import { FAMILY_NAMES, type FamilyName } from './families.ts';
import { STORES, type StoreName, TRANSPORTS, type TransportName } from './real/places.ts';

/** What the command line asks for. */
export interface Settings extends Size {
  /** None where the model is left out. */
  readonly families: readonly FamilyName[];
  readonly stores: readonly StoreName[];
  readonly transports: readonly TransportName[];
  /** How often each cell of real processes is hit; 0 leaves them out. */
  readonly kills: number;
  /** A part of the names of the cells that are meant, such as `SIGKILL@committing`. */
  readonly only: string | undefined;
  /** Whether every cell is listed. */
  readonly cells: boolean;
  readonly json: string | undefined;
  readonly replay: string | undefined;
  /** The ids of the mutants to be hunted; empty for all of the engine, undefined for none. */
  readonly mutants: readonly string[] | undefined;
  /** What earlier runs wrote, to be put into the report: of this command, or of `npm run test:sabotage`. */
  readonly with: readonly string[];
}

/** What a size consists of; `all` are the mutants of the engine. */
interface WholeSize extends Pick<Size, 'faults' | 'seeds'> {
  readonly stores: readonly StoreName[];
  readonly transports: readonly TransportName[];
  readonly kills: number;
  readonly mutants?: 'all';
}

const STORE_NAMES = Object.keys(STORES) as readonly StoreName[];
const TRANSPORT_NAMES = Object.keys(TRANSPORTS) as readonly TransportName[];

/** The sizes of one command. */
const SIZES: Readonly<Record<string, WholeSize>> = {
  quick: { faults: 1, seeds: 300, stores: ['sqlite'], transports: ['local'], kills: 1 },
  nightly: { faults: 1, seeds: 20_000, stores: STORE_NAMES, transports: TRANSPORT_NAMES, kills: 1 },
  release: { faults: 2, seeds: 100_000, stores: STORE_NAMES, transports: TRANSPORT_NAMES, kills: 10, mutants: 'all' },
};

/**
 * Reads the options of `npm run prove`. `--real` leaves the model out, `--mutants` everything but them.
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
      real: { type: 'boolean', default: false },
      stores: { type: 'string' },
      transports: { type: 'string' },
      kills: { type: 'string' },
      only: { type: 'string' },
      cells: { type: 'boolean', default: false },
      json: { type: 'string' },
      replay: { type: 'string' },
      mutants: { type: 'string' },
      with: { type: 'string', multiple: true, default: [] },
    },
  });
  const size = SIZES[values.size];
  if (size === undefined) throw new Error(`--size ${values.size}: there are ${Object.keys(SIZES).join(', ')}`);
  const onlyMutants = values.mutants !== undefined;
  const mutants = values.real ? undefined : (values.mutants ?? size.mutants);
  return {
    faults: numberOf('faults', values.faults ?? size.faults),
    seeds: numberOf('seeds', values.seeds ?? size.seeds),
    fromSeed: numberOf('first-seed', values['first-seed']),
    mostSchedules: numberOf('most-schedules', values['most-schedules']),
    families: onlyMutants || values.real ? [] : namesOf('families', values.families.split(','), FAMILY_NAMES),
    stores: namesOf('stores', values.stores?.split(',') ?? size.stores, STORE_NAMES),
    transports: namesOf('transports', values.transports?.split(',') ?? size.transports, TRANSPORT_NAMES),
    kills: onlyMutants ? 0 : numberOf('kills', values.kills ?? size.kills),
    only: values.only,
    cells: values.cells,
    json: values.json,
    replay: values.replay,
    mutants: mutants?.split(',').filter((id) => id !== '' && id !== 'all'),
    with: values.with,
  };
}

function numberOf(name: string, given: string | number): number {
  const number = Number(given);
  if (given === '' || Number.isNaN(number)) throw new Error(`--${name} ${given} is no number`);
  return number;
}

function namesOf<Name extends string>(option: string, given: readonly string[], known: readonly Name[]): readonly Name[] {
  return given.map((name) => {
    const found = known.find((each) => each === name);
    if (found === undefined) throw new Error(`--${option} ${name}: there are ${known.join(', ')}`);
    return found;
  });
}
