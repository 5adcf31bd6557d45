import type { Command } from 'commander';
import { SemelError } from '../../core/errors.ts';
import type { Explanation } from '../../explain/explanation.ts';
import { mermaidOf } from '../../explain/mermaid.ts';
import { servicesOf } from '../app-module.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { paragraph } from '../output/paragraph.ts';

interface ExplainOptions {
  readonly mermaid?: boolean;
}

/** `semel explain`: which way leads to once, what it rests on, and what `start` would refuse. */
export function addExplain(program: Command, act: Act): void {
  program
    .command('explain')
    .description(`tell how each consumer of an application comes to handle a message once, and exit ${EXIT_CODES.findings} if one cannot`)
    .argument('<app>', 'the module that exports what createSemel returns')
    .argument('[consumer]', 'of this one only')
    .option('--mermaid', 'print a picture, as a Mermaid flowchart')
    .action(
      act<ExplainOptions, [app: string, consumer: string | undefined]>(async ({ args: [app, name], options, print }) => {
        const explanations = chosen(
          (await servicesOf(app)).flatMap((semel) => semel.explain()),
          app,
          name,
        );
        const holds = explanations.every((explanation) => explanation.holds);
        if (options.mermaid) print({ json: { app, holds, mermaid: mermaidOf(explanations) }, text: () => mermaidOf(explanations) });
        else print({ json: { app, holds, explanations }, text: () => textOf(explanations) });
        return holds ? EXIT_CODES.ok : EXIT_CODES.findings;
      }),
    );
}

function chosen(explanations: readonly Explanation[], app: string, name: string | undefined): readonly Explanation[] {
  const found = name === undefined ? explanations : explanations.filter(({ consumer }) => consumer === name);
  if (name !== undefined && found.length === 0)
    throw new SemelError('unknown-consumer', `${app} has no consumer ${name}; it declares ${explanations.map(({ consumer }) => consumer).join(', ') || 'none'}`);
  return found;
}

function textOf(explanations: readonly Explanation[]): string {
  return explanations.length === 0 ? 'No consumer is declared.\n' : explanations.map(pageOf).join('\n');
}

function pageOf({ consumer, guarantee, way, holds, steps, assumptions, refusals }: Explanation): string {
  const verdict = holds ? 'holds' : 'REFUSED';
  return [
    `${consumer}: ${guarantee}${way === undefined ? '' : `, ${way}`}: ${verdict}\n`,
    ...refusals.map(({ code, says, mend }) => paragraph('refused', `[${code}] ${says}.`) + paragraph('', `→ ${mend}`)),
    ...steps.map(({ at, says }) => paragraph(at, says)),
    ...assumptions.map(({ says, source }, index) => paragraph(index === 0 ? 'assumed' : '', `- ${says}`, '  ') + paragraph('', `  ${source}`, '  ')),
  ].join('');
}
