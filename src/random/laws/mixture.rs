//! The mixture of several laws: one of them is chosen for each value, by one uniform, and draws it.

use super::*;

/// One of the laws `of`, chosen for each value in proportion to the weights.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Form<R> {
    /// The weights: probabilities, or any numbers in proportion to them.
    #[schemars(length(min = 1, max = 1000), inner(range(min = 0.0, max = 1e15)))]
    weights: Vec<f64>,
    /// The laws, one for each weight.
    #[schemars(length(min = 1, max = 1000))]
    of: Vec<super::Form<R>>,
}

impl<R> Check<R> for Form<R> {
    fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
        let mut weights = self.weights;
        paired(["weights", "of"], (weights.len(), self.of.len()), at)?;
        each(&mut weights, positive_zero);
        if weights.iter().all(|weight| *weight == 0.0) {
            let path = at.key("weights");
            return Err(
                Problem::value(&path, format!("every weight in `{path}` is 0"))
                    .help("at least one law must be drawn"),
            );
        }
        let mut of = Vec::with_capacity(weights.len());
        for (index, form) in self.of.into_iter().enumerate() {
            let path = at.key("of").index(index);
            let law = form.check(&path, read)?;
            if matches!(law, Law::Trace(_)) {
                let message = format!("`{path}` is a trace, whose values come in order");
                return Err(Problem::key(&path.key(law.name()), message)
                    .help("`empirical` draws from the same values with replacement"));
            }
            of.push(law);
        }
        Ok(Mixture { weights, of }.into())
    }
}

/// One of several laws, chosen for each value in proportion to the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// The weights, each >= 0, not all 0.
    pub weights: Vec<f64>,
    /// The laws, one for each weight; none of them a trace.
    pub of: Vec<Law>,
}

impl Mixture {
    /// The laws that can be chosen, with their weights.
    fn parts(&self) -> impl Iterator<Item = (f64, &Law)> {
        let both = self.weights.iter().copied().zip(&self.of);
        both.filter(|(weight, _)| *weight > 0.0)
    }

    /// The weighted mean of a property of each law.
    fn mean_of(&self, of: impl Fn(&Law) -> f64) -> f64 {
        let total: f64 = self.weights.iter().sum();
        self.parts()
            .map(|(weight, law)| weight * of(law))
            .sum::<f64>()
            / total
    }
}

impl Distribution for Mixture {
    fn parameters(&self) -> Parameters<'_> {
        vec![("weights", Numbers(&self.weights)), ("of", Laws(&self.of))]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = self.mean_of(Law::mean);
        let spread = |law: &Law| law.variance() + (law.mean() - mean).powi(2);
        let variance = if mean.is_finite() {
            self.mean_of(spread)
        } else {
            mean
        };
        [mean, variance, self.mean_of(Law::third_moment)]
    }

    fn cdf(&self, x: f64) -> f64 {
        self.mean_of(|law| law.cdf(x))
    }

    fn laplace(&self, s: f64) -> f64 {
        self.mean_of(|law| law.laplace(s).unwrap_or(f64::NAN))
    }

    fn support(&self) -> (f64, f64) {
        let supports = self.parts().map(|(_, law)| law.support());
        supports.fold((f64::INFINITY, 0.0), |(least, greatest), (low, high)| {
            (least.min(low), greatest.max(high))
        })
    }

    fn ceiling(&self) -> f64 {
        self.parts()
            .map(|(_, law)| law.ceiling())
            .fold(0.0, f64::max)
    }

    fn is_whole(&self) -> bool {
        self.parts().all(|(_, law)| law.is_whole())
    }

    fn is_exponential(&self) -> bool {
        let mean = self.moments()[0];
        let mut parts = self.parts();
        parts.all(|(_, law)| law.is_exponential() && law.mean() == mean)
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let total: f64 = self.weights.iter().sum();
        for value in block.chunks_mut(1) {
            let chosen = fallen_on(&self.weights, stream.open() * total);
            self.of[chosen].draw(stream, value);
        }
    }
}
