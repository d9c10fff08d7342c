/** How somebody looks in a portrait. Colours are CSS. */
export interface Look {
  readonly background: readonly [string, string];
  readonly skin: string;
  readonly shade: string;
  readonly hair: string;
  readonly shirt: string;
  readonly style: 'long' | 'short' | 'bun' | 'beard' | 'scarf';
  readonly glasses?: boolean;
  /** Landscape instead of square. */
  readonly wide?: boolean;
}

/** Half of the demo's people; the others keep their initials. */
export const looks = {
  u1: {
    background: ['#9cc7c0', '#3d6f73'],
    skin: '#f0c3a2',
    shade: '#d1946f',
    hair: '#a5582a',
    shirt: '#24424f',
    style: 'long',
  },
  u2: {
    background: ['#e8b46a', '#a85a32'],
    skin: '#7b4a30',
    shade: '#55301d',
    hair: '#17110f',
    shirt: '#e9e2d4',
    style: 'beard',
    glasses: true,
  },
  u3: {
    background: ['#c9c3e6', '#6b6aa8'],
    skin: '#f3cdb3',
    shade: '#d69d7e',
    hair: '#e0b45f',
    shirt: '#7b2f4a',
    style: 'bun',
  },
  u4: {
    background: ['#b9d3a1', '#4d7a52'],
    skin: '#ecc096',
    shade: '#c48e62',
    hair: '#1b1717',
    shirt: '#1f3a2d',
    style: 'short',
  },
  u6: {
    background: ['#f2a9a0', '#a8434d'],
    skin: '#e5b08a',
    shade: '#bb7c55',
    hair: '#3b2119',
    shirt: '#f4efe8',
    style: 'long',
    glasses: true,
  },
  u8: {
    background: ['#a8cbe8', '#3f6c9c'],
    skin: '#c98f63',
    shade: '#9b643d',
    hair: '#241510',
    shirt: '#e0a72f',
    style: 'scarf',
  },
} as const satisfies Record<string, Look>;

/** Draws a portrait with soft light, out-of-focus background and film grain. Runs in a page; returns a JPEG in base64. */
export async function drawPortrait(look: Look): Promise<string> {
  const height = 1200;
  const width = look.wide ? 1800 : height;
  const canvas = new OffscreenCanvas(width, height);
  const c = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D; // a fresh canvas has one
  let seed = look.hair.charCodeAt(2) * 7919 + look.shirt.charCodeAt(3);
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const light = (x: number, y: number, radius: number, inner: string, outer: string) => {
    const gradient = c.createRadialGradient(x, y, 0, x, y, radius);
    gradient.addColorStop(0, inner);
    gradient.addColorStop(1, outer);
    return gradient;
  };
  const ellipse = (x: number, y: number, rx: number, ry: number, fill: string | CanvasGradient, turn = 0) => {
    c.fillStyle = fill;
    c.beginPath();
    c.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
    c.fill();
  };
  const shape = (fill: string | CanvasGradient, path: string) => {
    c.fillStyle = fill;
    c.fill(new Path2D(path));
  };
  const soft = (px: number, draw: () => void) => {
    c.filter = `blur(${px}px)`;
    draw();
    c.filter = 'none';
  };

  // Background, out of focus.
  c.fillStyle = light(width * 0.3, height * 0.2, width, look.background[0], look.background[1]);
  c.fillRect(0, 0, width, height);
  soft(28, () => {
    for (let i = 0; i < 26; i += 1) {
      const alpha = 0.05 + random() * 0.12;
      ellipse(
        random() * width,
        random() * height * 0.8,
        30 + random() * 90,
        30 + random() * 90,
        `rgb(255 255 255 / ${alpha})`,
      );
    }
  });

  c.translate(width / 2, 40);
  const skin = light(-70, 400, 420, look.skin, look.shade);
  const { hair, shirt, style } = look;

  // Hair behind the head.
  soft(3, () => {
    if (style === 'long')
      shape(
        hair,
        'M-250 420 C-300 60 300 60 250 420 C270 640 300 800 230 900 L-230 900 C-300 800 -270 640 -250 420Z',
      );
    if (style === 'bun') ellipse(20, 105, 105, 90, hair);
    if (style === 'bun')
      shape(
        hair,
        'M-222 430 C-250 120 250 120 222 430 C222 520 200 560 180 580 L-180 580 C-200 560 -222 520 -222 430Z',
      );
    if (style === 'scarf')
      shape(
        shirt,
        'M-265 430 C-290 60 290 60 265 430 C285 700 330 820 300 960 L-300 960 C-330 820 -285 700 -265 430Z',
      );
  });

  // Shoulders, neck and the shadow of the chin.
  soft(2, () => shape(shirt, 'M-560 1180 C-540 920 -330 850 -150 815 L150 815 C330 850 540 920 560 1180Z'));
  soft(30, () =>
    shape('rgb(0 0 0 / 0.22)', 'M100 830 C330 860 540 930 570 1180 L250 1180 C260 1000 220 900 100 830Z'),
  );
  if (style !== 'scarf') {
    soft(1.5, () =>
      shape(
        look.shade,
        'M-98 640 L98 640 C100 760 120 800 165 825 C80 900 -80 900 -165 825 C-120 800 -100 760 -98 640Z',
      ),
    );
    soft(22, () => ellipse(0, 700, 110, 46, 'rgb(60 20 10 / 0.35)'));
  }

  // Ears and head.
  if (style === 'short' || style === 'beard') {
    ellipse(-204, 470, 34, 56, look.shade);
    ellipse(204, 470, 34, 56, look.shade);
  }
  soft(1.5, () =>
    shape(skin, 'M-205 400 C-215 150 215 150 205 400 C210 560 150 730 0 745 C-150 730 -210 560 -205 400Z'),
  );
  soft(26, () => ellipse(-108, 545, 52, 34, 'rgb(225 90 70 / 0.2)'));
  soft(26, () => ellipse(108, 545, 52, 34, 'rgb(225 90 70 / 0.2)'));
  if (style === 'beard') {
    soft(6, () =>
      shape(
        hair,
        'M-203 470 C-195 620 -150 760 0 772 C150 760 195 620 203 470 C180 560 120 600 70 602 L-70 602 C-120 600 -180 560 -203 470Z',
      ),
    );
  }

  // Eyes, brows, nose, mouth.
  for (const side of [-1, 1]) {
    soft(8, () => ellipse(side * 88, 448, 52, 26, 'rgb(70 30 20 / 0.18)'));
    ellipse(side * 88, 452, 37, 19, '#f7f3ee');
    ellipse(side * 86, 452, 18, 18, '#3a2a20');
    ellipse(side * 86, 452, 9, 9, '#0c0807');
    ellipse(side * 86 - 6, 446, 4, 4, '#fff');
    c.strokeStyle = '#2a1a14';
    c.lineWidth = 5;
    c.stroke(new Path2D(`M${side * 50} 455 Q${side * 88} 420 ${side * 126} 452`));
    soft(2, () =>
      shape(
        hair,
        `M${side * 42} 408 Q${side * 90} 376 ${side * 140} 404 Q${side * 90} 390 ${side * 42} 416Z`,
      ),
    );
  }
  soft(7, () =>
    shape('rgb(90 40 25 / 0.28)', 'M8 450 C30 520 44 556 26 572 C8 584 -18 582 -32 570 C0 574 14 556 8 450Z'),
  );
  soft(1.5, () =>
    shape('#b4564e', 'M-66 634 C-30 616 -12 626 0 628 C12 626 30 616 66 634 C30 646 -30 646 -66 634Z'),
  );
  soft(1.5, () => shape('#c46a60', 'M-66 634 C-34 682 34 682 66 634 C30 646 -30 646 -66 634Z'));

  // Hair in front.
  soft(2.5, () => {
    if (style === 'long')
      shape(
        hair,
        'M-215 480 C-240 250 -150 130 20 140 C190 130 250 270 215 480 C200 380 160 300 60 255 C-20 320 -150 330 -190 380 C-205 410 -210 440 -215 480Z',
      );
    if (style === 'bun')
      shape(
        hair,
        'M-212 440 C-230 180 -120 150 0 150 C120 150 230 180 212 440 C190 330 140 265 20 255 C-120 262 -185 330 -212 440Z',
      );
    if (style === 'short')
      shape(
        hair,
        'M-214 420 C-240 200 -160 105 10 105 C190 105 240 210 214 420 C200 350 185 300 150 270 C60 290 -80 285 -140 250 C-190 300 -205 350 -214 420Z',
      );
    if (style === 'beard')
      shape(
        hair,
        'M-206 400 C-214 190 -120 130 0 130 C120 130 214 190 206 400 C190 310 150 262 90 250 C30 240 -30 240 -90 250 C-150 262 -190 310 -206 400Z',
      );
    if (style === 'scarf')
      shape(
        shirt,
        'M-222 500 C-240 190 -130 120 0 120 C130 120 240 190 222 500 C190 300 120 235 0 232 C-120 235 -190 300 -222 500Z',
      );
  });
  if (style === 'scarf') {
    soft(3, () =>
      shape(
        shirt,
        'M-225 480 C-215 700 -110 790 0 792 C110 790 215 700 225 480 L300 900 C200 990 -200 990 -300 900Z',
      ),
    );
    soft(18, () =>
      shape('rgb(0 0 0 / 0.18)', 'M-190 700 C-100 800 100 800 190 700 C150 850 -150 850 -190 700Z'),
    );
  }
  c.globalAlpha = 0.16;
  soft(14, () => ellipse(-95, 205, 110, 26, '#fff', -0.5));
  c.globalAlpha = 1;
  if (look.glasses) {
    c.strokeStyle = '#1c1a1a';
    c.lineWidth = 9;
    c.stroke(
      new Path2D(
        'M-150 420 h116 q6 78 -58 78 q-64 0 -58 -78Z M150 420 h-116 q-6 78 58 78 q64 0 58 -78Z M-34 430 Q0 414 34 430',
      ),
    );
  }

  // Light from the left, a vignette, grain.
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.fillStyle = light(
    width * 0.25,
    height * 0.15,
    width * 0.9,
    'rgb(255 244 220 / 0.22)',
    'rgb(20 10 40 / 0.28)',
  );
  c.fillRect(0, 0, width, height);
  const pixels = c.getImageData(0, 0, width, height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const grain = (random() - 0.5) * 14;
    for (let i = at; i < at + 3; i += 1) pixels.data[i] = (pixels.data[i] ?? 0) + grain;
  }
  c.putImageData(pixels, 0, 0);

  const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
