//! Another encoder for a view, in place: the new vectors are made beside the old ones, then one commit puts them in their stead.
//!
//! Passages never change under their numbers, so a vector that was made once is right for good. The work is kept in
//! `X.space/reembed/VIEW/`: rows by passage number, some thousand a file; then every segment again, with new rows and a new graph, its
//! other views linked. Neither needs the right to write: searches, and changes by another process, go on meanwhile. What came in the
//! meantime is done at the end, under the writer's lock, and one commit names the new segments, the new encoder and the new recipe.
//! Killed at any moment, the space is as it was, and the next run goes on where this one stopped.
//!
//! **Cost**: every passage encoded once; for that time the disk holds the view's rows three times.

mod beside;
mod rows;
mod segments;
mod switch;

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use vectory_core::Context;

use crate::engine::{EncoderProvider, Engine, check_encoders};
use crate::recipe::{EncodeRecipe, Recipe};
use crate::store::{Layout, Manifest, SpaceFile, open_items_read};
use crate::write::{WriteError, Writer, WriterParams};
use beside::Beside;

/// What to do.
pub struct Reembed<'a> {
    /// The space.
    pub path: &'a Path,
    /// The view; its vectors must come from an encoder.
    pub view: &'a str,
    /// The new encoder, as a recipe names it. A chain that the old one had is not its own: the view has none then.
    pub model: String,
    /// Where encoders come from. That of the old vectors is not needed.
    pub encoders: &'a dyn EncoderProvider,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reembedded {
    /// The view.
    pub view: String,
    /// The name of its new encoder.
    pub encoder: String,
    /// Passages in the space.
    pub passages: u64,
    /// Passages that this run encoded.
    pub encoded: u64,
    /// Passages that an interrupted run had encoded.
    pub resumed: u64,
    /// How long it took.
    pub seconds: f64,
}

/// What is to be done, looked up.
pub(crate) struct Plan {
    pub layout: Layout,
    /// With the new encoder in its view.
    pub recipe: Recipe,
    /// The place of the view.
    pub at: usize,
    pub engine: Engine,
}

impl Reembed<'_> {
    /// Makes everything that can be made without the right to write.
    ///
    /// # Errors
    /// [`WriteError::Refused`] for a view that cannot be made anew; what was made before an error stays for the next run.
    pub fn prepare(&self, ctx: &Context) -> Result<Prepared, WriteError> {
        let start = Instant::now();
        let plan = self.plan()?;
        let mut beside = Beside::open(&plan)?;
        let items = open_items_read(&plan.layout)?;
        // While much is done, more may come: a second look is short.
        for _ in 0..2 {
            beside.catch_up(&plan, &items, ctx)?;
        }
        Ok(Prepared { plan, beside, start })
    }

    /// [`Reembed::prepare`], then [`Prepared::switch`].
    ///
    /// # Errors
    /// Of both.
    pub fn run(&self, params: WriterParams, ctx: &Context) -> Result<Reembedded, WriteError> {
        self.prepare(ctx)?.switch(self.encoders, params, ctx)
    }

    fn plan(&self) -> Result<Plan, WriteError> {
        let layout = Layout::new(self.path);
        if !layout.space_file().exists() {
            return Err(WriteError::Missing { path: self.path.to_owned() });
        }
        let manifest = open_items_read(&layout)?.snapshot()?.0;
        let mut recipe = SpaceFile::read(&layout)??.recipe(&manifest);
        let at = place(&recipe, self.view)?;
        recipe.views[at].encode = Some(EncodeRecipe { model: self.model.clone(), ..EncodeRecipe::default() });
        let engine = Engine::of(&recipe.views[at], self.path, self.encoders)?;
        if engine.entry().as_ref() == manifest.encoders.get(self.view) {
            let name = engine.entry().map(|e| e.name).unwrap_or_default();
            return Err(WriteError::Refused(format!("view `{}` is made by {name} already", self.view)));
        }
        Ok(Plan { layout, recipe, at, engine })
    }
}

/// The place of a view that an encoder makes.
fn place(recipe: &Recipe, name: &str) -> Result<usize, WriteError> {
    let derived = |v: &crate::recipe::View| v.encode.is_some() && v.given.is_none();
    let at = recipe.views.iter().position(|v| v.name == name);
    match at {
        Some(at) if derived(&recipe.views[at]) => Ok(at),
        Some(_) => {
            Err(WriteError::Refused(format!("view `{name}` has no encoder: its vectors do not come from texts")))
        }
        None => {
            let known: Vec<_> = recipe.views.iter().filter(|v| derived(v)).map(|v| format!("`{}`", v.name)).collect();
            Err(WriteError::Refused(format!("there is no view `{name}`; an encoder makes {}", known.join(", "))))
        }
    }
}

/// Everything is made but what comes in from now on.
pub struct Prepared {
    plan: Plan,
    beside: Beside,
    start: Instant,
}

impl Prepared {
    /// Does what is left under the writer's lock, and puts the new vectors in the place of the old in one commit. Readers that were
    /// open go on with the old ones until they open the space again.
    ///
    /// # Errors
    /// [`WriteError`]; the space is as it was, and what was made stays for the next run.
    pub fn switch(
        mut self,
        encoders: &dyn EncoderProvider,
        params: WriterParams,
        ctx: &Context,
    ) -> Result<Reembedded, WriteError> {
        let others = |manifest: &Manifest, engines: &[Engine]| {
            let rest: Vec<&Engine> = engines.iter().filter(|e| e.name != self.plan.engine.name).collect();
            check_encoders(rest, &self.plan.recipe, manifest)
        };
        let mut writer = Writer::open_as(&self.plan.layout, &self.plan.recipe, encoders, params, &others)?;
        let items = open_items_read(&self.plan.layout)?;
        self.beside.catch_up(&self.plan, &items, ctx)?;
        drop(items);
        writer.take_view(&self.plan, &self.beside)?;
        let (encoded, resumed) = self.beside.counts();
        let passages = writer.manifest().passages;
        self.beside.remove();
        Ok(Reembedded {
            view: self.plan.engine.name.clone(),
            encoder: self.plan.engine.entry().map(|e| e.name).unwrap_or_default(),
            passages,
            encoded,
            resumed,
            seconds: self.start.elapsed().as_secs_f64(),
        })
    }
}
