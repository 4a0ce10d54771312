/** Lines of a Markdown table that also reads well as plain text: the named columns left, numbers right. */
export function table(columns, rows) {
  const texts = rows.map((row) => row.map(String))
  const widths = columns.map((column, index) => Math.max(3, column.length, ...texts.map((row) => row[index].length)))
  const isNumeric = columns.map((_, index) => texts.every((row) => /^[\d–]/.test(row[index])))
  const pad = (text, index) => (isNumeric[index] ? text.padStart(widths[index]) : text.padEnd(widths[index]))
  const line = (cells) => `| ${cells.join(' | ')} |`
  const rule = widths.map((width, index) => (isNumeric[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(columns.map(pad)), line(rule), ...texts.map((row) => line(row.map(pad)))]
}
