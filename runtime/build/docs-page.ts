import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import type { Plugin } from 'rolldown';

/** Beside the program. */
export const docsPageFolder = 'docs-page';
/** Scripts and styles of the page at /docs, read when somebody opens it. */
export const docsPageFiles = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static');

/** Where the library looks for its files: beside its own sources. */
const places = ["path.join(__dirname, './static/logo.svg')", "path.join(__dirname, '..', 'static')"];

function placed(place: string): string {
  return `path.join(import.meta.dirname, '${docsPageFolder}'${place.includes('logo') ? ", 'logo.svg'" : ''})`;
}

/** Lets the page at /docs find its files beside the program. */
export const docsPage: Plugin = {
  name: 'docs-page',
  transform: {
    filter: { id: /\/@fastify\/swagger-ui\/(index|lib\/routes)\.js$/ },
    handler: (code) => {
      const place = places.find((each) => code.includes(each));
      if (place === undefined) throw new Error(`@fastify/swagger-ui looks for its files otherwise than by ${places.join(' or ')}`);
      return { code: code.replace(place, placed(place)) };
    },
  },
};
