import type { Moment } from '../../../prove/once/trace.ts';
import { escaped, joined, milliseconds } from './markup.ts';
import { momentText } from './moment-text.ts';

const COLUMN = 15;
const ROW = 18;
const LABELS = 96;
const TOP = 20;
const GAP = 12;
const BAR = 10;
const COLOURS = 6;

/** One worker: what it did, and the messages that it was given. */
interface Lane {
  readonly worker: number;
  readonly pid: number;
  readonly top: number;
  readonly ids: readonly string[];
  readonly moments: readonly Placed[];
}

/** A moment in its column: steps stand side by side however long they took. */
interface Placed extends Moment {
  readonly x: number;
}

/** A trial as a picture: a lane for each worker, in it a bar for each delivery of a message, and what befell the worker. @param anchor names the trial */
export function timeline(moments: readonly Moment[], ids: readonly string[], anchor: string): string {
  const placed = moments.map((moment, index) => ({ ...moment, x: LABELS + (index + 0.5) * COLUMN }));
  const lanes = lanesOf(placed);
  const last = lanes.at(-1);
  const height = (last === undefined ? TOP : last.top + heightOf(last)) + GAP;
  const width = LABELS + moments.length * COLUMN + GAP;
  const title = `Timeline: ${lanes.length} workers, ${moments.length} steps, from left to right`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${title}"><svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${joined(
    lanes,
    (lane) => laneMarkup(lane, ids, anchor, width),
  )}</svg></div>`;
}

function lanesOf(placed: readonly Placed[]): readonly Lane[] {
  let top = TOP;
  return [...Map.groupBy(placed, ({ worker }) => worker)].map(([worker, moments]) => {
    const ids = [...new Set(moments.flatMap((moment) => (moment.what === 'given' ? (moment.ids ?? []) : [])))];
    const lane = { worker, pid: moments[0]?.pid ?? 0, top, ids, moments };
    top += heightOf(lane) + GAP;
    return lane;
  });
}

function heightOf({ ids }: Pick<Lane, 'ids'>): number {
  return ids.length * ROW + GAP;
}

function laneMarkup(lane: Lane, ids: readonly string[], anchor: string, width: number): string {
  const { worker, pid, top } = lane;
  const rows = joined(lane.ids, (id, index) => rowMarkup(lane, id, top + GAP / 2 + index * ROW + ROW / 2, { number: ids.indexOf(id), anchor }));
  return `<g><rect class="lane" x="0" y="${top}" width="${width}" height="${heightOf(lane)}" rx="4"/><text class="who" x="8" y="${top + 18}">worker ${worker}</text><text class="pid" x="8" y="${top + 32}">pid ${pid}</text>${stopsMarkup(lane)}${rows}${endMarkup(lane)}</g>`;
}

/** The deliveries of one message to one worker. */
function rowMarkup({ moments }: Lane, id: string, y: number, { number, anchor }: { readonly number: number; readonly anchor: string }): string {
  const own = moments.filter((moment) => moment.ids === undefined || moment.ids.length === 0 || moment.ids.includes(id));
  const from = own.find(({ what }) => what === 'given')?.x ?? LABELS;
  const end = own.at(-1);
  const bar = `<rect class="bar" x="${from}" y="${y - BAR / 2}" width="${Math.max(2, (end?.x ?? from) - from)}" height="${BAR}" rx="3"/>`;
  const runs = own.flatMap((moment, index) =>
    moment.at === 'handling' ? [{ from: moment.x, to: own.slice(index + 1).find(({ at, what }) => at === 'handled' || what === 'killed')?.x }] : [],
  );
  const handling = joined(runs, (run) => `<rect class="run" x="${run.from}" y="${y - BAR / 2}" width="${(run.to ?? run.from + COLUMN) - run.from}" height="${BAR}"/>`);
  const marks = joined(own, (moment) => markOf(moment, y, runs.length > 0));
  return `<a href="#${anchor}-m${number}" class="message c${number % COLOURS}" data-message="${number}"><title>${escaped(id)}</title>${bar}${handling}${marks}</a>`;
}

/** @param effective whether its handler ran, so that a commit is that of an effect */
function markOf({ what, at = '', x }: Placed, y: number, effective: boolean): string {
  const title = `<title>${escaped(at)}</title>`;
  if (what === 'answered') return `<path class="answer" d="M${x - 4} ${y}l3 4 6-8"/>`;
  if (at === 'committed' && effective) return `<path class="commit" d="M${x} ${y - 6}l6 6-6 6-6-6z">${title}</path>`;
  return what === 'reached' ? `<circle class="step" cx="${x}" cy="${y}" r="2">${title}</circle>` : '';
}

/** The time for which a worker was stopped. */
function stopsMarkup(lane: Lane): string {
  const stop = lane.moments.find(({ what }) => what === 'stopped');
  if (stop === undefined) return '';
  const on = lane.moments.find(({ what }) => what === 'continued')?.x ?? stop.x + COLUMN;
  return `<rect class="stop" x="${stop.x}" y="${lane.top}" width="${on - stop.x}" height="${heightOf(lane)}"/><text class="stopped" x="${stop.x + 3}" y="${lane.top - 4}">SIGSTOP</text>`;
}

/** Its death. */
function endMarkup(lane: Lane): string {
  const end = lane.moments.find(({ what }) => what === 'killed' || what === 'ended');
  if (end === undefined) return '';
  const y = lane.top + heightOf(lane) / 2;
  const cross = `M${end.x - 6} ${y - 6}l12 12m0 -12l-12 12`;
  const word = end.what === 'killed' ? 'SIGKILL' : 'ended';
  return `<line class="end" x1="${end.x}" y1="${lane.top}" x2="${end.x}" y2="${lane.top + heightOf(lane)}"/><path class="kill" d="${cross}"><title>${escaped(momentText(end))} (${milliseconds(end.atMs)})</title></path><text class="killed" x="${end.x - 4}" y="${lane.top - 4}">${word}</text>`;
}
