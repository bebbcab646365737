export interface Series {
  readonly name: string;
  /** Points from left to right, `x` above 0 on a logarithmic axis, `y` within 0 and `most`. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly most: number;
  readonly series: readonly Series[];
  /** A line across with its name, such as the stated risk. */
  readonly limit?: { readonly y: number; readonly name: string };
}

const [width, height, margin, legend] = [640, 360, 60, 190];
const colours = ['#0b6e4f', '#5fb49c', '#c1272d', '#e07a5f', '#81261f', '#3d5a80', '#98c1d9'];

/** A line plot as a stand-alone SVG document. */
export function renderPlot({ title, xLabel, yLabel, most, series, limit }: Plot): string {
  const xs = [...new Set(series.flatMap((each) => each.points.map((point) => point.x)))].toSorted((a, b) => a - b);
  const [low, high] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 10)];
  const x = (value: number) => round(margin + ((Math.log(value) - low) / (high - low || 1)) * (width - margin - legend));
  const y = (value: number) => round(height - margin - (Math.min(value, most) / most) * (height - 2 * margin));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => text(margin - 8, y(share * most) + 4, round(share * most), 'end') + line(margin, y(share * most), width - legend, y(share * most), '#ddd'));
  const lines = series.map(({ points }, index) => `<polyline fill="none" stroke="${colour(index)}" stroke-width="${lineWidth(index, series.length)}" points="${points.map((point) => `${x(point.x)},${y(point.y)}`).join(' ')}"/>`);
  const names = series.map(({ name }, index) => `<rect x="${width - legend + 12}" y="${margin + index * 20 - 9}" width="10" height="10" fill="${colour(index)}"/>` + text(width - legend + 28, margin + index * 20, name, 'start'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 60} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    text(margin, 24, title, 'start'),
    ...ticks,
    ...xs.map((value) => text(x(value), height - margin + 18, value, 'middle')),
    text((width - legend + margin) / 2, height - 16, xLabel, 'middle'),
    text(margin, 44, yLabel, 'start'),
    ...(limit === undefined ? [] : [line(margin, y(limit.y), width - legend, y(limit.y), '#000') + text(width - legend + 4, y(limit.y) + 4, limit.name, 'start')]),
    ...lines,
    ...names,
    '</svg>',
  ].join('\n');
}

function colour(index: number): string {
  return colours[index % colours.length] ?? '#000';
}

/** What is drawn first is widest, so that lines of the same course show beneath each other. */
function lineWidth(index: number, of: number): number {
  return round(2 + 0.8 * (of - 1 - index));
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}"/>`;
}

function text(x: number, y: number, content: string | number, anchor: 'start' | 'middle' | 'end'): string {
  const escaped = String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
