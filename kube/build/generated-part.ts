const END = '<!-- End of what is generated. -->\n';

/** `document` with what stands between its mark for `source` and the end mark made anew. Throws RangeError when it has no such part. */
export function withGenerated(document: string, source: string, content: string): string {
  const mark = `<!-- Generated from ${source} by \`npm run generate -w @sluice/kube\`. -->\n`;
  const begin = document.indexOf(mark);
  const end = document.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new RangeError(`the document has no part between '${mark.trim()}' and '${END.trim()}'`);
  return document.slice(0, begin + mark.length) + content + document.slice(end);
}
