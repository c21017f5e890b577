//! A device in use: a driver with its number, its present table, its kernels, and a queue for each thread that uses it.
//!
//! The table's lock is held while items are looked up, entries are made or removed, and while the copies of a map's end are under
//! way: who finds an entry finds it whole. It is not held while kernels run. A thread that begins to use an entry whose first copy
//! another thread's queue may still be doing waits for that queue (`filling`).

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use crate::abi::Region;
use crate::driver::{Address, Driver, Failure, Kernel, Queue};
use crate::error::{DeviceError, ErrorKind};
use crate::image::{self, Image};
use crate::present::{Found, Key, Table};
use crate::region::Name;
use crate::trace;

/// A kernel, ready to be launched.
pub(crate) struct Loaded {
    pub kernel: Box<dyn Kernel>,
    pub image: Arc<Image>,
}

/// A region's kernel, once it has been asked for; an error is kept as well: the answer would not change.
type Slot = Arc<OnceLock<Result<Arc<Loaded>, String>>>;

/// What the table's lock guards.
#[derive(Default)]
pub(crate) struct Data {
    pub table: Table,
    /// Entries whose first copy may not be done yet, with the queue that does it.
    pub filling: HashMap<Key, Arc<dyn Queue>>,
}

/// See the module's description.
pub struct Device {
    number: i32,
    driver: Box<dyn Driver>,
    data: Mutex<Data>,
    kernels: RwLock<HashMap<(u64, u32), Slot>>,
}

thread_local! {
    /// This thread's queues, by the addresses of their devices.
    static QUEUES: RefCell<Vec<(usize, Arc<dyn Queue>)>> = const { RefCell::new(Vec::new()) };
}

impl Device {
    pub fn new(number: i32, driver: Box<dyn Driver>) -> Self {
        Self {
            number,
            driver,
            data: Mutex::default(),
            kernels: RwLock::default(),
        }
    }

    pub fn number(&self) -> i32 {
        self.number
    }

    pub fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    /// What `OMP_DEFAULT_DEVICE` may ask for.
    pub fn traits(&self) -> omply_runtime::config::devices::DeviceTraits {
        omply_runtime::config::devices::DeviceTraits {
            device_num: self.number,
            ..self.driver.description().traits.clone()
        }
    }

    /// For messages: `device 0 (name)`.
    pub(crate) fn title(&self) -> String {
        format!(
            "device {} ({})",
            self.number,
            self.driver.description().name
        )
    }

    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calling thread's queue.
    pub fn queue(&self) -> Result<Arc<dyn Queue>, Failure> {
        let device = std::ptr::from_ref(self).addr();
        QUEUES.with_borrow_mut(|queues| {
            if let Some((_, queue)) = queues.iter().find(|(of, _)| *of == device) {
                return Ok(queue.clone());
            }
            let queue: Arc<dyn Queue> = self.driver.queue()?.into();
            queues.push((device, queue.clone()));
            Ok(queue)
        })
    }

    /// An error of the driver, told with what was being done.
    pub(crate) fn error(
        &self,
        kind: ErrorKind,
        doing: impl Display,
        failure: &Failure,
    ) -> DeviceError {
        let kind = if failure.out_of_memory {
            ErrorKind::Memory
        } else {
            kind
        };
        DeviceError::new(kind, format!("{}: {doing}: {failure}", self.title()))
    }

    /// The kernel of a region, compiled and loaded when it is first asked for.
    pub(crate) fn kernel(&self, region: &Region, name: Name) -> Result<Arc<Loaded>, DeviceError> {
        let key = (region.id, region.index);
        let known = self
            .kernels
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let slot = known.unwrap_or_else(|| {
            self.kernels
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(key)
                .or_default()
                .clone()
        });
        // Other threads that need it wait here, without a lock.
        slot.get_or_init(|| self.load(key, name))
            .clone()
            .map_err(|text| {
                DeviceError::new(
                    ErrorKind::Kernel,
                    format!("target region {name}: {}: {text}", self.title()),
                )
            })
    }

    fn load(&self, (id, index): (u64, u32), name: Name) -> Result<Arc<Loaded>, String> {
        let Some(target) = self.driver.target() else {
            return Err("it runs regions of the host".to_owned());
        };
        let Some(source) = image::source(id) else {
            return Err("its module is not there any more".to_owned());
        };
        let image = source.image(index, target)?;
        let kernel = self
            .driver
            .load(&image)
            .map_err(|failure| failure.to_string())?;
        trace::event(self.number, || {
            format!(
                "kernel {name} loaded: {:?}, {}",
                image.mode,
                kernel.told().resources
            )
        });
        Ok(Arc::new(Loaded { kernel, image }))
    }

    pub(crate) fn forget_kernels(&self, id: u64) {
        self.kernels
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|&(source, _), _| source != id);
    }

    /// What the driver tells of a kernel that has been loaded.
    pub fn resources(&self, id: u64, index: u32) -> Option<String> {
        let slot = self
            .kernels
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(id, index))
            .cloned()?;
        let loaded = slot.get()?.as_ref().ok()?;
        Some(loaded.kernel.told().resources.clone())
    }

    /// What corresponds to an address of the host.
    pub fn mapped(&self, host: usize) -> Option<Address> {
        let data = self.data();
        match data.table.find(host, 0) {
            Found::Within(key) => Some(data.table.get(key)?.address_of(host)),
            Found::Partly(_) | Found::Absent => None,
        }
    }

    /// Gives everything back that programs have mapped: `omp_pause_resource`.
    pub(crate) fn clear(&self) {
        let storage: Vec<Address> = {
            let mut data = self.data();
            data.filling.clear();
            data.table.clear()
        };
        for address in storage {
            self.driver.free(address);
        }
    }
}
