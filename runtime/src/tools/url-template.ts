import type { ToolArguments } from './arguments.ts';

const placeholder = /\{([A-Za-z0-9_.-]+)\}/g;

/** Where a call goes and which arguments were not used up by the URL; or why there is no such URL. */
export type RenderedUrl = { readonly ok: true; readonly url: URL; readonly rest: ToolArguments } | { readonly ok: false; readonly reason: string };

export interface UrlTemplate {
  readonly names: readonly string[];
  readonly render: (values: ToolArguments) => RenderedUrl;
}

/** An argument as text; undefined for what cannot stand in a URL. */
export function argumentText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function firstUnusable(names: readonly string[], values: ToolArguments): string | undefined {
  return names.find((name) => (argumentText(values[name]) ?? '') === '');
}

function segments(path: string): number {
  return path.split('/').length;
}

/** The path as written, before a URL parser folds "." and "..". */
function writtenPath(text: string): string {
  return /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(text)?.[1] ?? '';
}

/** Replaces {name} by encoded arguments. An argument can never leave its path segment or change the host. */
export function parseUrlTemplate(template: string): UrlTemplate {
  const names = [...new Set([...template.matchAll(placeholder)].map((match) => match[1] ?? ''))];
  const render = (values: ToolArguments): RenderedUrl => {
    const unusable = firstUnusable(names, values);
    if (unusable !== undefined) return { ok: false, reason: `the URL of the tool needs the argument ${unusable} as a text or number that is not empty` };
    const text = template.replaceAll(placeholder, (_match, name: string) => encodeURIComponent((argumentText(values[name]) ?? '').toWellFormed()));
    const url = new URL(text);
    // "." and ".." are not changed by percent-encoding: they would climb out of the path that the author wrote.
    if (segments(url.pathname) !== segments(writtenPath(text) || '/')) return { ok: false, reason: 'an argument may not be "." or ".."' };
    const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
    return { ok: true, url, rest };
  };
  return { names, render };
}
