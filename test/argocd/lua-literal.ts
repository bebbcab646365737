/** A JSON value as a Lua expression. What is null is absent, as Argo CD's decoder has it. */
export function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `{${value.map((item) => luaLiteral(item)).join(',')}}`;
  if (typeof value === 'object') return `{${Object.entries(value).map(([key, member]) => `[${quoted(key)}]=${luaLiteral(member)}`).join(',')}}`;
  return String(value);
}

/** By bytes: Lua 5.1 knows neither UTF-8 nor \u. */
function quoted(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return `"${bytes.map((byte) => (byte < 32 || byte > 126 || byte === 34 || byte === 92 ? `\\${String(byte).padStart(3, '0')}` : String.fromCodePoint(byte))).join('')}"`;
}
