//! Colours by meaning: Okabe and Ito's palette, which people with colour blindness can tell apart
//! (Okabe & Ito, "Color Universal Design", 2008), with a texture or a dash besides each.
//!
//! On a page the colours are CSS custom properties, so that one drawing serves light and dark
//! themes; a drawing in its own file contains them directly.

/// The meaning of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Completed work.
    Completed,
    /// Failed work.
    Failed,
    /// Rejected requests: coloured as failed ones, hatched.
    Rejected,
    /// Abandoned requests: coloured as failed ones, dotted.
    Abandoned,
    /// Requests that timed out: coloured as failed ones, hatched the other way.
    TimedOut,
    /// Waiting, and buffers.
    Waiting,
    /// Waiting at a server: coloured as waiting, dashed.
    AtServers,
    /// Busy.
    Busy,
    /// Idle: up, without work.
    Idle,
    /// Down.
    Down,
    /// Blocked.
    Blocked,
    /// In a set-up: coloured as busy, dotted.
    SetUp,
    /// Off duty: coloured as idle, hatched.
    Off,
    /// One of several items without a meaning of their own: a stage, a scenario.
    Series(usize),
    /// Background marks.
    Faint,
}

/// A colour, which several inks may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Completed,
    Failed,
    Waiting,
    Busy,
    Idle,
    Down,
    Blocked,
    Yellow,
    Text,
    Faint,
    Grid,
    Paper,
}

/// The pattern that distinguishes a surface without its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texture {
    Plain,
    Rising,
    Falling,
    Dotted,
}

/// The source of the colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// CSS properties of the page, from [`STYLE`]; text has the colour of the surrounding text.
    Page,
    /// Dark on white, as in print.
    Light,
}

/// The style that a page needs once for all its charts: the colours in light, dark and print, and the choice of the
/// drawing of a figure that fits its width. No drawing is enlarged, and the next smaller one is shown before letters of
/// size 12 become smaller than 11.
pub const STYLE: &str = "\
:root{color-scheme:light dark;--completed:#009e73;--failed:#d55e00;--waiting:#e69f00;--busy:#0072b2;\
--idle:#a3a9b0;--down:#cc79a7;--blocked:#56b4e9;--yellow:#b8a800;--text:#1b1f24;--faint:#5f6872;\
--grid:#e1e4e8;--paper:#ffffff}\
@media screen and (prefers-color-scheme:dark){:root{--idle:#6b737c;--busy:#2f8fd0;--yellow:#f0e442;\
--text:#e8eaed;--faint:#a0a7b0;--grid:#33393f;--paper:#15181b}}\
figure{container-type:inline-size}\
.middle,.half,.narrow{display:none}\
@container (max-width:916px){.broad{display:none}.middle{display:block}}\
@container (max-width:659px){.middle{display:none}.half{display:block}}\
@container (max-width:458px){.wide,.half{display:none}.narrow{display:block}}\
.chart{display:block;max-width:100%;height:auto;color:var(--text);fill:currentColor;\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;\
font-variant-numeric:tabular-nums}";

/// The fonts of a drawing in its own file.
pub(super) const FONT: &str = "DejaVu Sans, Verdana, Arial, sans-serif";

impl Texture {
    /// Rotation of the pattern in degrees; `None` if there is no pattern.
    pub(super) fn angle(self) -> Option<f32> {
        match self {
            Texture::Plain => None,
            Texture::Rising => Some(45.0),
            Texture::Falling => Some(-45.0),
            Texture::Dotted => Some(0.0),
        }
    }
}

impl Colour {
    pub(super) fn of(self, theme: Theme) -> &'static str {
        let [page, light] = match self {
            Colour::Completed => ["var(--completed)", "#009e73"],
            Colour::Failed => ["var(--failed)", "#d55e00"],
            Colour::Waiting => ["var(--waiting)", "#e69f00"],
            Colour::Busy => ["var(--busy)", "#0072b2"],
            Colour::Idle => ["var(--idle)", "#a3a9b0"],
            Colour::Down => ["var(--down)", "#cc79a7"],
            Colour::Blocked => ["var(--blocked)", "#56b4e9"],
            Colour::Yellow => ["var(--yellow)", "#b8a800"],
            Colour::Text => ["currentColor", "#1b1f24"],
            Colour::Faint => ["var(--faint)", "#5f6872"],
            Colour::Grid => ["var(--grid)", "#e1e4e8"],
            Colour::Paper => ["var(--paper)", "#ffffff"],
        };
        match theme {
            Theme::Page => page,
            Theme::Light => light,
        }
    }

    /// Red, green and blue of the light theme.
    #[cfg(feature = "png")]
    pub(super) fn rgb(self) -> [u8; 3] {
        let digits = self.of(Theme::Light).trim_start_matches('#');
        let number = u32::from_str_radix(digits, 16).expect("a colour has six digits");
        let [_, red, green, blue] = number.to_be_bytes();
        [red, green, blue]
    }
}

impl Ink {
    pub(super) fn colour(self) -> Colour {
        const SERIES: [Colour; 7] = [
            Colour::Busy,
            Colour::Waiting,
            Colour::Completed,
            Colour::Down,
            Colour::Blocked,
            Colour::Failed,
            Colour::Yellow,
        ];
        match self {
            Ink::Completed => Colour::Completed,
            Ink::Failed | Ink::Rejected | Ink::Abandoned | Ink::TimedOut => Colour::Failed,
            Ink::Waiting | Ink::AtServers => Colour::Waiting,
            Ink::Busy | Ink::SetUp => Colour::Busy,
            Ink::Idle | Ink::Off => Colour::Idle,
            Ink::Down => Colour::Down,
            Ink::Blocked => Colour::Blocked,
            Ink::Series(number) => SERIES[number % SERIES.len()],
            Ink::Faint => Colour::Faint,
        }
    }

    pub(super) fn texture(self) -> Texture {
        match self {
            Ink::Rejected | Ink::Down => Texture::Rising,
            Ink::Blocked | Ink::Off | Ink::TimedOut => Texture::Falling,
            Ink::Abandoned | Ink::SetUp => Texture::Dotted,
            Ink::Series(number) => [
                Texture::Plain,
                Texture::Rising,
                Texture::Falling,
                Texture::Dotted,
            ][number % 4],
            _ => Texture::Plain,
        }
    }

    /// Lengths of a line's dashes and gaps; empty for a solid line.
    pub(super) fn dashes(self) -> &'static [f32] {
        match self {
            Ink::Failed | Ink::Down | Ink::AtServers => &[7.0, 3.0],
            Ink::Rejected => &[3.0, 3.0],
            Ink::Abandoned => &[1.0, 3.0],
            Ink::Blocked | Ink::TimedOut => &[9.0, 3.0, 2.0, 3.0],
            Ink::Series(number) => {
                const SERIES: [&[f32]; 6] = [
                    &[],
                    &[7.0, 3.0],
                    &[2.0, 3.0],
                    &[9.0, 3.0, 2.0, 3.0],
                    &[12.0, 4.0],
                    &[5.0, 2.0, 1.0, 2.0, 1.0, 2.0],
                ];
                SERIES[number % SERIES.len()]
            }
            _ => &[],
        }
    }
}
