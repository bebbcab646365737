/** A JSON value as a Lua expression. What is null is absent, as Argo CD's decoder has it. */
export function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) return `{${value.map((item) => luaLiteral(item)).join(',')}}`;
  return `{${Object.entries(value).map(([key, member]) => `[${quoted(key)}]=${luaLiteral(member)}`).join(',')}}`;
}

/** By bytes: Lua 5.1 knows neither UTF-8 nor \u. */
function quoted(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return `"${bytes.map((byte) => (byte < 32 || byte > 126 || byte === 34 || byte === 92 ? `\\${String(byte).padStart(3, '0')}` : String.fromCodePoint(byte))).join('')}"`;
}
