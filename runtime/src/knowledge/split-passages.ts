/** A passage is read by a model, so it is about a paragraph or two. In characters. */
const passageLength = 1_200;

const heading = /^#{1,6}\s/;

/** Pieces of at most `passageLength`, cut between words where there are any. */
function pieces(block: string): readonly string[] {
  const made: string[] = [];
  let rest = block;
  while (rest.length > passageLength) {
    const space = rest.lastIndexOf(' ', passageLength);
    const end = space > passageLength / 2 ? space : passageLength;
    made.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...made, rest];
}

/** Paragraphs put together to passages; a heading begins a new one and stands over every passage of its section. */
export function splitPassages(text: string): readonly string[] {
  const blocks = text.split(/\n\s*\n/).map((block) => block.trim()).filter((block) => block !== '');
  const passages: string[] = [];
  let title = '';
  let open: string[] = [];
  const close = (): void => {
    if (open.length > 0) passages.push([title, ...open].filter((part) => part !== '').join('\n\n'));
    open = [];
  };
  const add = (block: string): void => {
    if (open.join('\n\n').length + block.length > passageLength) close();
    open.push(block);
  };
  for (const block of blocks) {
    const [first = '', ...rest] = block.split('\n');
    if (heading.test(first)) {
      close();
      title = first;
      if (rest.length > 0) pieces(rest.join('\n').trim()).forEach(add);
    } else pieces(block).forEach(add);
  }
  close();
  return passages;
}
