import type { SimulatedAnswer } from './simulated-answer.js';
import type { SimulatedItem } from './simulated-collection.js';

/** A PDF of one page, A6 in points, that shows the order's id. */
function pdfOf(text: string): string {
  const content = `BT /F1 24 Tf 40 200 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 420] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let pdf = '%PDF-1.4\n';
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const [index, object] of objects.entries()) {
    table += `${String(pdf.length).padStart(10, '0')} 00000 n \n`;
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  return `${pdf}${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`;
}

/** The label of an order, as a PDF in several writes. */
export function labelOf({ id }: SimulatedItem): SimulatedAnswer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/pdf' },
    body: pdfOf(`Order ${id}`),
    isStreamed: true,
  };
}
