import type { Explanation } from './explanation.ts';
import { span } from './sentence.ts';

/** A picture of the way of messages through a service, as a Mermaid flowchart: Markdown pages of GitHub and others show it. */
export function mermaidOf(explanations: readonly Explanation[]): string {
  const lines = explanations.flatMap(linesOf);
  return `${['flowchart LR', ...new Set(lines), 'classDef refused stroke:#c00,stroke-width:2px'].map((line, index) => (index === 0 ? line : `  ${line}`)).join('\n')}\n`;
}

function linesOf(explanation: Explanation): readonly string[] {
  const { consumer, topic, guarantee, holds, way, route } = explanation;
  const at = node('consumer', consumer);
  return [
    ...arrivals(explanation, at),
    `${at}[${text(consumer, way === undefined ? guarantee : `${guarantee}, ${way}`)}]${holds ? '' : ':::refused'}`,
    `${node('store', route.store)}[(${text(route.store)})]`,
    `${at} -->|${text(holds ? 'effect' : 'refused')}| ${node('store', route.store)}`,
    ...route.producers.map((producer) => `${node('consumer', producer)} -->|${text('publishes')}| ${node('topic', topic)}`),
    ...route.onward.flatMap((onward) => [`${node('topic', onward.topic)}([${text(onward.topic)}])`, `${at} -->|${text('publishes')}| ${node('topic', onward.topic)}`]),
    ...route.onward.flatMap((onward) =>
      onward.transports.map((service) => `${node('topic', onward.topic)} -->|${text('outbox, relay')}| ${node('transport', service)}{{${text(service)}}}`),
    ),
  ];
}

/** From the topic to the consumer, by its transport where it has one. */
function arrivals({ topic, horizon, route: { transport } }: Explanation, at: string): readonly string[] {
  const from = node('topic', topic);
  const declared = `${from}([${text(topic)}])`;
  if (transport === undefined) return [declared, `${from} -->|${text('local')}| ${at}`];
  const by = node('transport', transport.service);
  const again = horizon === undefined ? 'delivers' : `delivers, again: ${span(horizon.comesAgainMs)}`;
  return [declared, `${by}{{${text(transport.service)}}}`, `${from} -->|${text(transport.relayed ? 'outbox, relay' : 'others')}| ${by}`, `${by} -->|${text(again)}| ${at}`];
}

/** An id that no name can break: letters of any kind, and the number of each other character. */
function node(kind: string, name: string): string {
  return `${kind}_${name.replaceAll(/[^A-Za-z0-9]/g, (character) => `_${character.codePointAt(0)}_`)}`;
}

/** Quoted text of one or more lines, with what would end it spelt out. */
function text(...lines: readonly string[]): string {
  return `"${lines.map((line) => line.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')).join('<br/>')}"`;
}
