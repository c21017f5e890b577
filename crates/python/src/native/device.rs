//! Where devices get the code of a function's `target` regions: from the function's IR, which is kept as text beside its machine
//! code and read when a device first asks.

use omply_offload::{DeviceTarget, Image, ImageSource, register_source, unregister_source};
use std::sync::{Arc, OnceLock};

/// The regions of a compiled function, known to devices for as long as this lives.
pub struct Regions {
    id: u64,
}

impl Regions {
    /// `text`: IR of a module whose first functions are the regions.
    pub fn new(text: String) -> Regions {
        let source = Source {
            text,
            module: OnceLock::new(),
        };
        Regions {
            id: register_source(Arc::new(source)),
        }
    }

    /// The number by which generated code names the source of its regions.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Regions {
    fn drop(&mut self) {
        unregister_source(self.id);
    }
}

struct Source {
    text: String,
    module: OnceLock<Result<omply_ir::Module, String>>,
}

impl ImageSource for Source {
    fn image(&self, index: u32, target: &DeviceTarget) -> Result<Arc<Image>, String> {
        let module = self
            .module
            .get_or_init(|| omply_ir::text::parse(&self.text).map_err(|error| error.to_string()))
            .as_ref()
            .map_err(Clone::clone)?;
        let name = module
            .funcs
            .get(index as usize)
            .map_or("of an unknown function", |func| func.name.as_str());
        Err(format!(
            "target region {name}: no code for {target:?} can be generated yet"
        ))
    }
}
