import type { ToolRunner } from '../tools/tool-runner.ts';
import type { FoundPassage, KnowledgeIndex } from './knowledge-index.ts';

const parameters = {
  type: 'object',
  properties: { query: { type: 'string', minLength: 1, maxLength: 1_000, description: 'What to look for, in words that the documents may use.' } },
  required: ['query'],
  additionalProperties: false,
};

function shown({ mark, title, url, text }: FoundPassage): string {
  const about = [title, url].filter((part) => part !== undefined).join(', ');
  return `[${mark}]${about === '' ? '' : ` ${about}`}\n${text}`;
}

function resultText(found: readonly FoundPassage[]): string {
  const [first] = found;
  if (first === undefined) return 'Nothing was found. Try other words, or say that the documents do not tell.';
  return [...found.map(shown), `Cite what you use by its mark, for example [${first.mark}].`].join('\n\n');
}

/** A tool that searches documents. */
export function createSearchRunner({ index, maxPassages }: { readonly index: Pick<KnowledgeIndex, 'search'>; readonly maxPassages: number }): ToolRunner {
  return {
    parameters,
    prepare: ({ values }) => ({
      ok: true,
      run: async () => {
        const found = await index.search(String(values['query']), maxPassages);
        const passages = found.map(({ text: _text, ...passage }) => passage);
        return { kind: 'ok', content: resultText(found), cut: 'whole', passages };
      },
    }),
  };
}
