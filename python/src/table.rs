//! A table of results in memory, which other libraries read by the Arrow PyCapsule protocol without a copy.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::ffi::CStr;
use std::fs::File;
use std::path::PathBuf;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// A table of results. polars, duckdb, pyarrow and pandas read it: `polars.DataFrame(table)`,
/// `pyarrow.table(table)`, `pandas.DataFrame.from_arrow(table)`.
#[pyclass(frozen, module = "filas")]
pub(crate) struct Table {
    rows: RecordBatch,
}

#[pymethods]
impl Table {
    /// Reads a table of a results folder, a Parquet file, into memory.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Table> {
        let rows = py.detach(|| read(&path));
        let said = |error: String| PyOSError::new_err(format!("{}: {error}", path.display()));
        Ok(Table {
            rows: rows.map_err(said)?,
        })
    }

    /// The names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let schema = self.rows.schema();
        let fields = schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.rows.num_rows()
    }

    fn __repr__(&self) -> String {
        let (rows, columns) = (self.rows.num_rows(), self.columns().join(", "));
        format!("<filas.Table of {rows} rows: {columns}>")
    }

    /// The columns and their types, as the Arrow PyCapsule protocol has it.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.rows.schema().as_ref()).map_err(wrong)?;
        PyCapsule::new_with_value(py, schema, SCHEMA)
    }

    /// All rows as one array of records, as the Arrow PyCapsule protocol has it. Another schema than its own is not
    /// heeded, which the protocol allows.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Py<PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        drop(requested_schema);
        let records = StructArray::from(self.rows.clone());
        let (array, schema): (FFI_ArrowArray, FFI_ArrowSchema) =
            to_ffi(&records.to_data()).map_err(wrong)?;
        Ok((
            PyCapsule::new_with_value(py, schema, SCHEMA)?,
            PyCapsule::new_with_value(py, array, ARRAY)?,
        ))
    }

    /// All rows as a stream of one batch, as the Arrow PyCapsule protocol has it.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let batches = [Ok(self.rows.clone())];
        let batches = RecordBatchIterator::new(batches, self.rows.schema());
        let stream = FFI_ArrowArrayStream::new(Box::new(batches));
        PyCapsule::new_with_value(py, stream, STREAM)
    }
}

/// All rows of a file as one batch.
fn read(path: &PathBuf) -> Result<RecordBatch, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file);
    let builder = builder.map_err(|error| error.to_string())?;
    let rows = builder.metadata().file_metadata().num_rows();
    let builder = builder.with_batch_size(rows.max(1) as usize);
    let mut reader = builder.build().map_err(|error| error.to_string())?;
    match reader.next() {
        Some(rows) => rows.map_err(|error| error.to_string()),
        None => Ok(RecordBatch::new_empty(reader.schema())),
    }
}

fn wrong(error: impl ToString) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}
