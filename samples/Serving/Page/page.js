// The page of a service: its newest events, what they amount to, and how fast it is. Everything comes from /summary and /events.
'use strict';

const element = id => document.getElementById(id);
const colours = ['#d9822b', '#4c9a6a', '#8a5fb0', '#5d6b7a'];
const most = 24;
let token = sessionStorage.getItem('token') ?? '';
let newest = 0;
let quantities = [];

async function ask(path) {
  const answer = await fetch(path, token ? { headers: { Authorization: `Bearer ${token}` } } : {});
  if (answer.status === 401) {
    element('ask').hidden = false;
    throw new Error('a token is needed');
  }
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

element('ask').addEventListener('submit', event => {
  event.preventDefault();
  token = element('token').value.trim();
  sessionStorage.setItem('token', token);
  element('ask').hidden = true;
});

const number = (value, digits) => value === null || value === undefined ? '–' : value.toFixed(digits);

function svg(name, attributes, parent, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
}

// Shares of events in each bin: the live ones as bars, those that judged the model as lines.
function drawHistogram(live, references, quantity) {
  const figure = element('histogram');
  figure.replaceChildren();
  const [left, top, width, height] = [44, 14, 580, 186];
  const share = counts => {
    const sum = counts.reduce((a, b) => a + b, 0);
    return counts.map(count => sum ? count / sum : 0);
  };
  const shown = share(live);
  const lines = references.map(one => ({ name: one.class, shares: share(one.counts) }));
  // Square roots, so that rare events between two peaks are seen.
  const highest = Math.sqrt(Math.max(0.02, ...shown, ...lines.flatMap(line => line.shares)));
  const y = value => top + height - height * Math.sqrt(value) / highest;
  const step = width / shown.length;
  shown.forEach((value, i) => svg('rect', {
    x: left + i * step, y: y(value), width: Math.max(1, step - 1), height: top + height - y(value), fill: '#2563a8', 'fill-opacity': 0.55,
  }, figure));
  lines.forEach((line, place) => {
    const points = line.shares.flatMap((value, i) => [`${left + i * step},${y(value)}`, `${left + (i + 1) * step},${y(value)}`]);
    svg('polyline', { points: points.join(' '), fill: 'none', stroke: colours[place % colours.length], 'stroke-width': 1.6 }, figure);
  });
  svg('line', { x1: left, x2: left + width, y1: top + height, y2: top + height, stroke: '#9aa7b5' }, figure);
  for (let i = 0; i <= 4; i++) {
    const value = quantity.low + (quantity.high - quantity.low) * i / 4;
    svg('text', { x: left + width * i / 4, y: top + height + 18, 'text-anchor': 'middle' }, figure, String(+value.toFixed(2)));
  }
  for (const part of [0, highest * highest / 4, highest * highest]) {
    svg('text', { x: left - 6, y: y(part) + 4, 'text-anchor': 'end' }, figure, `${(100 * part).toFixed(part < 0.1 ? 1 : 0)}%`);
  }
  const legend = element('legend');
  legend.replaceChildren();
  const entry = (colour, text) => {
    const one = document.createElement('span');
    const mark = document.createElement('i');
    mark.style.background = colour;
    one.append(mark, text);
    legend.append(one);
  };
  entry('#2563a8', 'live');
  references.forEach((one, place) => entry(colours[place % colours.length], `${one.class || 'all'}, ${one.of}`));
}

function showEvent(event) {
  const item = document.createElement('li');
  item.dataset.id = event.id;
  const picture = document.createElement('canvas');
  [picture.width, picture.height] = [event.width, event.height];
  const grey = Uint8Array.from(atob(event.pixels), letter => letter.charCodeAt(0));
  const image = new ImageData(event.width, event.height);
  for (let i = 0; i < grey.length; i++) image.data.set([grey[i], grey[i], grey[i], 255], 4 * i);
  picture.getContext('2d').putImageData(image, 0, 0);
  const words = document.createElement('div');
  const name = document.createElement('b');
  name.textContent = event.name || `event ${event.id}`;
  name.title = `event ${event.id}, ${event.received}`;
  words.append(name);
  if (event.error) {
    words.className = 'error';
    words.append(event.error);
  } else {
    for (const one of quantities) {
      const line = document.createElement('div');
      line.style.padding = '0';
      line.dataset.quantity = one.name;
      // "estimated_kev" of keV is "estimated 8.7 keV".
      const label = one.unit && one.name.endsWith(`_${one.unit.toLowerCase()}`) ? one.name.slice(0, -one.unit.length - 1) : one.name;
      line.textContent = `${label.replaceAll('_', ' ')} ${number(event[one.name], one.high - one.low > 5 ? 2 : 3)} ${one.unit}`;
      line.title = one.description;
      words.append(line);
    }
  }
  item.append(picture, words);
  return item;
}

async function refresh() {
  try {
    const summary = await ask('summary');
    quantities = summary.model.quantities;
    element('title').textContent = `Events of ${summary.model.system}`;
    document.title = element('title').textContent;
    element('model').textContent = `${summary.model.name} · ${summary.model.network} · ${summary.model.hash.slice(0, 16)}`;
    element('quantity').textContent = quantities[0].description.replace(/^./, first => first.toUpperCase());
    const live = summary.live;
    element('scored').textContent = live.scored;
    element('pending').textContent = live.pending;
    element('refused').textContent = live.refused;
    element('rate').textContent = number(live.rate, 1);
    element('median').textContent = number(live.medianMs, 1);
    element('p99').textContent = number(live.p99Ms, 1);
    drawHistogram(live.histogram, summary.reference, quantities[0]);
    const { events } = await ask(`events?after=${newest}`);
    const list = element('events');
    for (const event of events.reverse()) {
      newest = Math.max(newest, event.id);
      list.prepend(showEvent(event));
    }
    while (list.children.length > most) list.lastChild.remove();
    element('state').textContent = 'live';
    element('state').className = '';
  } catch (problem) {
    element('state').textContent = `not connected: ${problem.message}`;
    element('state').className = 'bad';
  }
  setTimeout(refresh, 1000);
}

refresh();
