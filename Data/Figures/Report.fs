namespace Hybrid.Data.Figures

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Text
open Hybrid.Data

/// A page of one run: key numbers, options, text, tables and figures, in the order they were added. One HTML file with everything
/// inside: it works offline, follows the reader's light or dark setting, and prints.
[<Sealed>]
type Report(title: string) =
    do ArgumentNullException.ThrowIfNull(title, nameof title)

    let parts = List<StringBuilder -> unit>()
    let keyNumbers = List<struct (string * string * string)>()
    let figures = List<Figure>()
    let escape (text: string) = WebUtility.HtmlEncode text

    let table (caption: string) (headers: string[]) (rows: string[][]) (page: StringBuilder) =
        page.Append("<div class=\"table\"><table>") |> ignore

        if not (String.IsNullOrEmpty caption) then
            page.Append($"<caption>{escape caption}</caption>") |> ignore

        // A column of numbers is set flush right.
        let isNumber (cell: string) =
            let bare = cell.Trim().TrimEnd('%', '″', 's')
            fst (Double.TryParse(bare.Replace("−", "-"), Globalization.NumberStyles.Float ||| Globalization.NumberStyles.AllowThousands,
                                 Globalization.CultureInfo.InvariantCulture))

        let isRight =
            let isQuantity cell = cell = "" || cell = "–" || isNumber cell
            Array.init headers.Length (fun c -> rows.Length > 0 && rows |> Array.forall (fun row -> isQuantity row[c]))

        let mark c = if isRight[c] then " class=\"number\"" else ""
        page.Append("<thead><tr>") |> ignore
        headers |> Array.iteri (fun c header -> page.Append($"<th scope=\"col\"{mark c}>{escape header}</th>") |> ignore)
        page.Append("</tr></thead><tbody>") |> ignore

        for row in rows do
            page.Append("<tr>") |> ignore
            row |> Array.iteri (fun c cell -> page.Append($"<td{mark c}>{escape cell}</td>") |> ignore)
            page.Append("</tr>") |> ignore

        page.Append("</tbody></table></div>\n") |> ignore

    member _.Title = title

    /// One line below the title: what was run, when, with which seed.
    member val Subtitle = "" with get, set

    /// A number for the strip at the top of the page.
    /// note : a few words below it (an expected value, a spread); may be empty.
    member report.AddKeyNumber(name: string, value: string, note: string) : Report =
        keyNumbers.Add(struct (name, value, note))
        report

    member report.AddHeading(text: string) : Report =
        parts.Add(fun page -> page.Append($"<h2>{escape text}</h2>\n") |> ignore)
        report

    /// Paragraphs, separated by empty lines.
    member report.AddText(text: string) : Report =
        parts.Add(fun page ->
            let trimmed = StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries

            for paragraph in text.Replace("\r\n", "\n").Split("\n\n", trimmed) do
                page.Append($"<p>{escape paragraph}</p>\n") |> ignore)

        report

    /// Text kept as it is, in a fixed-width face: a model card, a command, a log.
    member report.AddCode(text: string) : Report =
        parts.Add(fun page -> page.Append($"<pre>{escape text}</pre>\n") |> ignore)
        report

    /// rows : each as long as headers.
    member report.AddTable(caption: string, headers: string[], rows: string[][]) : Report =
        for i, row in Seq.indexed rows do
            if row.Length <> headers.Length then
                invalidArg (nameof rows) $"Report '{title}', table '{caption}', row {i + 1}: expected {headers.Length} \
                    cell{Plural.s headers.Length}, got {row.Length}."

        parts.Add(table caption headers rows)
        report

    /// The options of the run: name and value, in this order.
    member report.AddOptions(options: IEnumerable<KeyValuePair<string, string>>) : Report =
        let rows = [| for option in options -> [| option.Key; option.Value |] |]

        parts.Add(fun page ->
            page.Append("<details open><summary>Options</summary>") |> ignore
            page.Append("<dl class=\"options\">") |> ignore

            for row in rows do
                page.Append($"<div><dt>{escape row[0]}</dt><dd>{escape row[1]}</dd></div>") |> ignore

            page.Append("</dl></details>\n") |> ignore)

        report

    member report.AddFigure(figure: Figure) : Report =
        ArgumentNullException.ThrowIfNull(figure, nameof figure)
        let id = figures.Count
        figures.Add figure

        parts.Add(fun page ->
            page.Append("<figure>") |> ignore

            if figure.Title <> "" then
                page.Append($"<h3>{escape figure.Title}</h3>") |> ignore

            page.Append($"<div class=\"plot\" id=\"plot{id}\" role=\"img\" aria-label=\"{escape figure.Title}\"></div>") |> ignore

            if figure.Caption <> "" then
                page.Append($"<figcaption>{escape figure.Caption}</figcaption>") |> ignore

            page.Append("</figure>\n") |> ignore)

        report

    static member private Style(theme: FigureTheme, surface: string, page: string) =
        let series = theme.Series |> Seq.mapi (fun i colour -> $"--series{i + 1}:{colour};") |> String.Concat
        $"--ink:{theme.Ink};--muted:{theme.Muted};--grid:{theme.Grid};--surface:{surface};--page:{page};{series}"

    /// The whole page. Needs the npm packages of tools/ only when there are figures.
    member report.ToHtml() : string =
        // A script element ends at the first "</script", wherever it stands; inside a text literal the escaped slash means the same.
        let inScript (text: string) = text.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)
        let page = StringBuilder()
        let add (text: string) = page.Append(text).Append('\n') |> ignore
        let light = Report.Style(FigureTheme.Light, "#ffffff", "#f6f7f9")
        let dark = Report.Style(FigureTheme.Dark, "#1a1f26", "#14181d")

        add "<!doctype html>"
        add "<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        add "<meta name=\"color-scheme\" content=\"light dark\">"
        add $"<title>{escape title}</title>"
        add "<style>"
        add $":root{{{light}color-scheme:light dark}}"
        add $"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"

        add
            """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 Inter,system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:54rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .3rem;letter-spacing:-.01em}
h2{font-size:1.2rem;margin:2.6rem 0 .7rem}
h3{font-size:1rem;margin:0 0 .6rem;font-weight:600}
.subtitle{color:var(--muted);margin:0 0 1.6rem}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:0 0 1.6rem;padding:0;list-style:none}
.numbers li,figure,details,.table,pre{background:var(--surface);border:1px solid var(--grid);border-radius:8px}
.numbers li{padding:.75rem .9rem}
.numbers .name{display:block;color:var(--muted);font-size:.85rem}
.numbers .value{display:block;font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.numbers .note{display:block;color:var(--muted);font-size:.8rem}
figure{margin:1rem 0;padding:1.1rem 1.2rem;break-inside:avoid}
figcaption{color:var(--muted);font-size:.9rem;margin-top:.5rem}
.plot.vega-embed{display:block;overflow-x:auto}
.plot svg{display:block;max-width:100%;height:auto;margin:0 auto}
.table{overflow-x:auto;margin:1rem 0;padding:.4rem .9rem .6rem;break-inside:avoid}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.4rem .3rem .5rem}
th,td{text-align:left;padding:.35rem .3rem;border-top:1px solid var(--grid);vertical-align:top}
thead th{border-top:0;color:var(--muted);font-weight:500}
.number{text-align:right}
details{padding:.7rem .9rem;margin:1rem 0}
summary{font-weight:600;cursor:pointer}
.options{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.15rem 1.5rem;margin:.6rem 0 .1rem;font-size:.9rem}
.options div{display:flex;justify-content:space-between;gap:1rem;border-bottom:1px solid var(--grid);padding:.18rem 0}
.options dt{color:var(--muted)}
.options dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
pre{padding:.9rem 1rem;overflow-x:auto;font:.82rem/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
.problem{color:var(--series2)}
#vg-tooltip-element{font-family:inherit;background:var(--surface);color:var(--ink);
border:1px solid var(--grid);box-shadow:0 2px 8px rgba(0,0,0,.2)}
@media print{body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}
.numbers li,figure,details,.table,pre{border-color:#ccc}h2{break-after:avoid}}
"""

        add "</style></head><body><main>"
        add $"<header><h1>{escape title}</h1>"

        if report.Subtitle <> "" then
            add $"<p class=\"subtitle\">{escape report.Subtitle}</p>"

        add "</header>"

        if keyNumbers.Count > 0 then
            add "<ul class=\"numbers\">"

            for struct (name, value, note) in keyNumbers do
                let note = if String.IsNullOrEmpty note then "" else $"<span class=\"note\">{escape note}</span>"
                add $"<li><span class=\"name\">{escape name}</span><span class=\"value\">{escape value}</span>{note}</li>"

            add "</ul>"

        for part in parts do
            part page

        add "</main>"

        if figures.Count > 0 then
            let tools = FigureTools.Locate()

            for package, file in [ "vega", "build/vega.min.js"; "vega-lite", "build/vega-lite.min.js";
                                   "vega-embed", "build/vega-embed.min.js" ] do
                let script = File.ReadAllText(FigureTools.PackageFile(tools, package, file))
                // A source map would be asked for beside the page.
                let script = script.Replace("//# sourceMappingURL", "// source map")
                add $"<script>{inScript script}</script>"

            add "<script>"
            add "const figures = ["

            for figure in figures do
                add (figure.ToJson(FigureTheme.Page, false).Replace("<", "\\u003c") + ",")

            add "];"

            add
                """figures.forEach((spec, i) => vegaEmbed('#plot' + i, spec, { renderer: 'svg', actions: false }).then(({ view }) => {
  const svg = view.container().querySelector('svg');
  svg.setAttribute('viewBox', svg.getAttribute('viewBox') ?? `0 0 ${svg.getAttribute('width')} ${svg.getAttribute('height')}`);
}, problem => {
  const place = document.getElementById('plot' + i);
  place.className = 'problem';
  place.textContent = 'This figure could not be drawn: ' + problem.message;
}));"""

            add "</script>"

        add "</body></html>"
        page.ToString()

    /// Writes the page; the folder is made. A reader never sees half a page: it is written beside and moved.
    member report.Write(path: string) =
        let path = Path.GetFullPath path
        Directory.CreateDirectory(Path.Combine(path, "..")) |> ignore
        Hybrid.Data.Formats.WholeFile.WriteText(path, report.ToHtml())
